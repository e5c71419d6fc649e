#ifndef GATEWATCH_IAC_READ_JSON_H_
#define GATEWATCH_IAC_READ_JSON_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "iac/document.h"
#include "iac/text_lines.h"

namespace gatewatch::iac {

// The JSON value that `text` holds from `start` on, to its end.
absl::StatusOr<Node> ReadJson(absl::string_view text, size_t start,
                              const TextLines& lines);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_READ_JSON_H_
