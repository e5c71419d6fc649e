#ifndef GATEWATCH_PROBES_PROCFS_PROC_READER_H_
#define GATEWATCH_PROBES_PROCFS_PROC_READER_H_

#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "probes/observation.h"
#include "probes/procfs/parsers.h"
#include "probes/procfs/proc_fallback.h"

namespace gatewatch::probes {

// Reads what /proc says of processes. Everything is read by pid: the caller
// makes sure that the pid still means the same process, before and after, or
// compares the start time.
//
// Threads: const; from any.
class ProcReader {
 public:
  // `root` is where procfs is mounted; tests give a fixture tree. `fallback`
  // is asked for what may not be read directly; null: nobody is. It must
  // outlive the reader.
  explicit ProcReader(std::string root = "/proc",
                      ProcFallback* fallback = nullptr);

  // The processes that are there now, in no order.
  std::vector<pid_t> Pids() const;

  // NotFound when there is no such process.
  absl::StatusOr<ProcStat> Stat(pid_t pid) const;
  absl::StatusOr<ProcStatus> Status(pid_t pid) const;

  // Everything except stdio and environment. NotFound when the process is
  // gone; what may not be read is left at its default.
  absl::StatusOr<ProcessSnapshot> Snapshot(pid_t pid) const;

  // Reads anew what an exec replaces: name, executable, arguments, working
  // directory, credentials. NotFound when the process is gone.
  absl::Status RefreshImage(ProcessSnapshot& snapshot) const;

  // The environment that the image was started with, at most 64 KiB of it.
  std::vector<std::string> Environment(pid_t pid) const;

  absl::StatusOr<Credentials> ReadCredentials(pid_t pid) const;

  // What descriptor `fd` refers to, by its link alone.
  Descriptor ReadDescriptor(pid_t pid, int fd) const;

  // The process that a pidfd stands for; 0 when the descriptor is none, or
  // the process is gone.
  pid_t ProcessOfPidfd(pid_t pid, int fd) const;

  // Children of all threads of `pid`, when the kernel tells
  // (CONFIG_PROC_CHILDREN); else none.
  std::vector<pid_t> Children(pid_t pid) const;

  // A value that differs between any two images that a process executes:
  // where and with which random bytes the kernel set up its stack. 0 when it
  // may not be read, or while the kernel is setting it up.
  uint64_t ImageMarker(pid_t pid) const;

  // A link in /proc/PID, such as "cwd".
  absl::StatusOr<std::string> Link(pid_t pid, const char* name) const;

  // A handle (O_PATH) on the root directory of the process. It pins the
  // mount: keep it no longer than needed.
  absl::StatusOr<UniqueFd> OpenRoot(pid_t pid) const;

  // The sockets that the process has; at most 4096.
  std::vector<SocketDescriptor> Sockets(pid_t pid) const;

 private:
  std::string Path(pid_t pid, const char* name) const;
  absl::StatusOr<std::string> Content(pid_t pid, const char* name,
                                      ProcItem item, size_t limit) const;
  absl::StatusOr<std::vector<SocketDescriptor>> ListSockets(pid_t pid) const;
  void ReadExecutable(pid_t pid, Executable& executable) const;

  const std::string root_;
  ProcFallback* const fallback_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_PROC_READER_H_
