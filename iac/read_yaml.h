#ifndef GATEWATCH_IAC_READ_YAML_H_
#define GATEWATCH_IAC_READ_YAML_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "iac/document.h"
#include "iac/text_lines.h"

namespace gatewatch::iac {

// The YAML documents that `text`, which is UTF-8, holds from `start` on.
absl::StatusOr<std::vector<Node>> ReadYaml(absl::string_view text, size_t start,
                                           const TextLines& lines);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_READ_YAML_H_
