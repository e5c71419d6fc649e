#include "analyzer/peer_slots.h"

#include "absl/strings/str_cat.h"

namespace gatewatch::analyzer {

absl::StatusOr<std::unique_ptr<PeerSlots::Slot>> PeerSlots::Take(
    const std::string& peer) {
  absl::MutexLock lock(&mutex_);
  if (taken_ >= in_all_.count) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", taken_, " ", what_,
        " already, as many as the analyzer takes (", in_all_.name, ")"));
  }
  if (!peer.empty()) {
    int& taken = by_peer_[peer];
    if (taken >= for_each_.count) {
      return absl::ResourceExhaustedError(
          absl::StrCat(peer, " has ", taken, " ", what_,
                       " already, as many as the analyzer takes of each (",
                       for_each_.name, ")"));
    }
    ++taken;
  }
  ++taken_;
  return std::unique_ptr<Slot>(new Slot(*this, peer));
}

void PeerSlots::GiveBack(const std::string& peer) {
  absl::MutexLock lock(&mutex_);
  --taken_;
  const auto taken = by_peer_.find(peer);
  if (taken != by_peer_.end() && --taken->second == 0) by_peer_.erase(taken);
}

}  // namespace gatewatch::analyzer
