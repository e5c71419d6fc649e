#ifndef GATEWATCH_PROBES_PROCFS_SOCKET_READER_H_
#define GATEWATCH_PROBES_PROCFS_SOCKET_READER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// Family, type, protocol and both addresses of a socket of another process,
// asked of the socket itself: a copy of the descriptor is taken with
// pidfd_getfd(2) and closed at once. Addresses that it has not got (not bound,
// not connected) are empty. FailedPrecondition when `fd` is not a socket or
// the kernel (before 5.6) has no such call, PermissionDenied where its policy
// does not permit the copy.
absl::StatusOr<Socket> ReadSocket(int pidfd, int fd);

// The same of a UDP or connected TCP socket of this network namespace, by its
// inode, as in /proc/PID/fd: for where ReadSocket() is not permitted. Costs a
// list of all sockets. NotFound when it is not among them.
absl::StatusOr<Socket> FindSocket(uint64_t inode);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SOCKET_READER_H_
