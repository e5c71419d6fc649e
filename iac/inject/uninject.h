#ifndef GATEWATCH_IAC_INJECT_UNINJECT_H_
#define GATEWATCH_IAC_INJECT_UNINJECT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "iac/document.h"

namespace gatewatch::iac {

// `file`'s text without what inject put there, byte for byte as it was before.
// Says in `removed` what it removed, unless that is null.
absl::StatusOr<std::string> Uninject(const SourceFile& file,
                                     std::vector<std::string>* removed);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_UNINJECT_H_
