#ifndef GATEWATCH_PROBES_PROCFS_SENSITIVE_FILES_H_
#define GATEWATCH_PROBES_PROCFS_SENSITIVE_FILES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatewatch::probes {

// A file whose change gives its author power: accounts, privileges, what runs
// by itself.
struct SensitiveFile {
  absl::string_view directory;  // absolute, without a slash at the end
  absl::string_view name;       // empty: whatever lies in the directory
};

// The list that is watched where calls are not observed.
absl::Span<const SensitiveFile> SensitiveFiles();

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SENSITIVE_FILES_H_
