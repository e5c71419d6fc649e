#ifndef GATEWATCH_IAC_LINT_FIND_FILES_H_
#define GATEWATCH_IAC_LINT_FIND_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace gatewatch::iac {

struct FoundFiles {
  std::vector<std::string> files;  // in order, each once
  // Folders that were not looked into: hidden ones, vendor, node_modules.
  std::vector<std::string> left_out;
  size_t skipped = 0;  // files whose names end like none of ours
  std::vector<absl::Status> errors;
};

// Files as they are named, and below folders those that end in .json, .yaml,
// .yml or .template. Symbolic links to folders are not followed.
FoundFiles FindFiles(const std::vector<std::string>& paths);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_LINT_FIND_FILES_H_
