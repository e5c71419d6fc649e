#ifndef GATEWATCH_PROBES_PROCFS_PROC_FALLBACK_H_
#define GATEWATCH_PROBES_PROCFS_PROC_FALLBACK_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::probes {

// What lies in /proc/PID and only those may read that may trace the process.
enum class ProcItem : uint8_t {
  kExecutable,        // exe
  kWorkingDirectory,  // cwd
  kRoot,              // root
  kPidNamespace,      // ns/pid
  kMountNamespace,    // ns/mnt
  kDescriptor,        // fd/N
  kEnvironment,       // environ
  kAuxiliaryVector,   // auxv
};

// A descriptor that is a socket.
struct SocketDescriptor {
  uint64_t inode = 0;
  int32_t fd = -1;
};

// Another way to read what this process may not, asked where the direct way
// was refused. Threads: any.
class ProcFallback {
 public:
  virtual ~ProcFallback() = default;

  // The target of a link; `number` is the N of kDescriptor.
  virtual absl::StatusOr<std::string> Link(pid_t pid, ProcItem item,
                                           int number) = 0;
  // The first `limit` bytes of kEnvironment or kAuxiliaryVector, at most
  // 64 KiB.
  virtual absl::StatusOr<std::string> Content(pid_t pid, ProcItem item,
                                              size_t limit) = 0;
  // A handle (O_PATH) on what kExecutable or kRoot leads to.
  virtual absl::StatusOr<UniqueFd> Open(pid_t pid, ProcItem item) = 0;
  // At most 4096 of the sockets that the process has.
  virtual std::vector<SocketDescriptor> Sockets(pid_t pid) = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_PROC_FALLBACK_H_
