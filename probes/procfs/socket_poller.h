#ifndef GATEWATCH_PROBES_PROCFS_SOCKET_POLLER_H_
#define GATEWATCH_PROBES_PROCFS_SOCKET_POLLER_H_

#include <functional>

#include "absl/container/flat_hash_map.h"
#include "probes/emitter.h"
#include "probes/procfs/socket_lister.h"
#include "probes/procfs/socket_owners.h"

namespace gatewatch::probes {

// Tells which sockets of this network namespace come to listen, to be
// connected or to be accepted, by comparing the kernel's list with the one
// before. A connection that is closed before it is listed is not seen; who has
// a socket is told where its descriptor may be read.
//
// Threads: not safe. What it is made of must outlive it.
class SocketPoller {
 public:
  using Covered = std::function<bool(const ProcessId&)>;

  // Nothing is told of sockets of `covered` processes.
  SocketPoller(SocketLister& sockets, SocketOwners& owners, Covered covered,
               Emitter& emitter);

  // One round. Of the sockets that the first finds nothing is told: what was
  // done to them was done before.
  void Poll();

 private:
  using Listed = absl::flat_hash_map<uint64_t, SocketEntry>;  // by inode

  Listed List();
  void Tell(const SocketEntry& entry, const Listed& all);

  SocketLister& sockets_;
  SocketOwners& owners_;
  const Covered covered_;
  Emitter& emitter_;
  Listed before_;
  bool first_round_ = true;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SOCKET_POLLER_H_
