#ifndef GATEWATCH_PROBES_PROCFS_SOCKET_READER_H_
#define GATEWATCH_PROBES_PROCFS_SOCKET_READER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// Family, type, protocol and both addresses of a socket of another process,
// asked of the socket itself: a copy of the descriptor is taken with
// pidfd_getfd(2) and closed at once. Where no copy is permitted (the kernel,
// before 5.6, or its policy), it is looked for among the sockets of this
// network namespace, which has those that are bound or connected. Addresses
// that it has not got are empty. FailedPrecondition when `fd` is not a socket,
// NotFound when it is not among those.
absl::StatusOr<Socket> ReadSocket(const ProcReader& proc, pid_t pid, int pidfd,
                                  int fd);

// The same of a UDP or connected TCP socket of this network namespace, by its
// inode, as in /proc/PID/fd: for where ReadSocket() is not permitted. Costs a
// list of all sockets. NotFound when it is not among them.
absl::StatusOr<Socket> FindSocket(uint64_t inode);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SOCKET_READER_H_
