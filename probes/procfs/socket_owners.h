#ifndef GATEWATCH_PROBES_PROCFS_SOCKET_OWNERS_H_
#define GATEWATCH_PROBES_PROCFS_SOCKET_OWNERS_H_

#include <cstdint>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// Finds the process that has a socket, by looking through /proc/PID/fd: first
// where it was found before, then among the processes that were asked for
// last, then everywhere. Where several share a socket, any of them is named.
//
// Threads: not safe. `proc` must outlive it.
// Cost:    searching takes a tenth of the time at most; beyond that, sockets
//          that were not seen before have no known owner.
class SocketOwners {
 public:
  explicit SocketOwners(const ProcReader& proc) : proc_(proc) {}

  // pid 0: not known.
  ProcessId Find(uint64_t inode);

 private:
  struct Place {
    pid_t pid = 0;
    int fd = -1;
  };

  ProcessId FindKnown(uint64_t inode);
  bool MaySearch();
  void LookThrough(pid_t pid);

  const ProcReader& proc_;
  absl::flat_hash_map<uint64_t, Place> places_;  // by inode
  std::deque<pid_t> recent_;                     // most recent first
  int64_t allowance_ns_ = 0;
  uint64_t updated_ns_ = 0;  // monotonic; 0: never
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SOCKET_OWNERS_H_
