#include "probes/procfs/socket_poller.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace gatewatch::probes {

SocketPoller::SocketPoller(SocketLister& sockets, SocketOwners& owners,
                           Covered covered, Emitter& emitter)
    : sockets_(sockets),
      owners_(owners),
      covered_(std::move(covered)),
      emitter_(emitter) {}

SocketPoller::Listed SocketPoller::List() {
  Listed listed;
  for (const uint32_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
    for (SocketEntry& entry : sockets_.List(protocol)) {
      const bool told = entry.state == SocketState::kListening ||
                        entry.state == SocketState::kEstablished;
      // Inode 0: not accepted yet, or closed already.
      if (told && entry.inode != 0) {
        listed.emplace(entry.inode, std::move(entry));
      }
    }
  }
  return listed;
}

void SocketPoller::Poll() {
  Listed now = List();
  for (const auto& [inode, entry] : now) {
    const auto before = before_.find(inode);
    const bool is_new =
        before == before_.end() || before->second.state != entry.state ||
        before->second.socket.remote.ip != entry.socket.remote.ip ||
        before->second.socket.remote.port != entry.socket.remote.port;
    if (is_new && !first_round_) Tell(entry, now);
  }
  before_ = std::move(now);
  first_round_ = false;
}

void SocketPoller::Tell(const SocketEntry& entry, const Listed& all) {
  const ProcessId owner = owners_.Find(entry.inode);
  if (owner.pid != 0 && covered_(owner)) return;
  Observation observation;
  observation.time_ns = UnixNanos();
  observation.process = owner;
  observation.tid = owner.pid;
  // It listens, or is connected: the call came about.
  observation.outcome.status = OutcomeStatus::kSucceeded;
  if (entry.state == SocketState::kListening) {
    observation.syscall = "listen";
  } else {
    const bool accepted =
        std::any_of(all.begin(), all.end(), [&](const auto& other) {
          return other.second.state == SocketState::kListening &&
                 other.second.socket.local.port == entry.socket.local.port;
        });
    observation.syscall = accepted ? "accept" : "connect";
  }
  observation.detail = SocketCalled{-1, entry.socket};
  emitter_.Emit(std::move(observation));
}

}  // namespace gatewatch::probes
