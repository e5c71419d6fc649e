#ifndef GATEWATCH_PROBES_PROCFS_PATH_RESOLVER_H_
#define GATEWATCH_PROBES_PROCFS_PATH_RESOLVER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// Removes ".", ".." and repeated slashes from an absolute path, by its text
// alone. ".." above the root stays at the root.
std::string CleanPath(std::string path);

// Writes "/proc/self" and "/proc/thread-self" at the beginning of a clean
// path with the pids that they mean for this thread.
std::string ReplaceProcSelf(std::string path, pid_t pid, pid_t tid);

// The absolute, clean path that `path` means to thread `tid` of `pid`. An
// empty path means the descriptor itself (AT_EMPTY_PATH). NotFound when the
// process or the descriptor is gone.
absl::StatusOr<std::string> AbsolutePath(const ProcReader& proc, pid_t pid,
                                         pid_t tid, int dir_fd,
                                         std::string path);

enum class Existence {
  kExists,
  kMissing,
  kUnknown,  // it may not be looked at, or cannot without side effects
};

// Looks at what an absolute path below `root_fd` leads to, links followed
// unless `follow` is false, and fills in the file's kind, inode, device and
// resolved path. Never leaves the root, opens nothing (O_PATH), follows no
// magic links.
Existence LookAt(int root_fd, bool follow, File& file);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_PATH_RESOLVER_H_
