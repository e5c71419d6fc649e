#ifndef GATEWATCH_PROTO_JSON_H_
#define GATEWATCH_PROTO_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace gatewatch {

// One line of JSON with the proto's field names; unset fields are left out,
// enums are their names, 64-bit numbers are numbers. Unlike proto3's own
// mapping, `bytes` are written as text so that people can read and search
// them: valid UTF-8 stays, a backslash is written as two, any other byte as
// \xHH (before JSON's own escaping).
std::string ToJson(const google::protobuf::Message& message);

// Reads what ToJson writes. INVALID_ARGUMENT names the field at fault;
// unknown fields, wrong types and malformed escapes are errors. `message` is
// left cleared on error. Nesting deeper than 64 is an error.
absl::Status FromJson(absl::string_view json,
                      google::protobuf::Message& message);

}  // namespace gatewatch

#endif  // GATEWATCH_PROTO_JSON_H_
