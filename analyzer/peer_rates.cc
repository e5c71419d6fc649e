#include "analyzer/peer_rates.h"

#include <algorithm>

namespace gatewatch::analyzer {
namespace {

// More than these and those whose buckets are full are forgotten, which makes
// no difference to them.
constexpr size_t kPeersToKeep = 4096;

// Takes `amount` out of a bucket; how far that overdraws it.
absl::Duration TakeFrom(absl::Time& full, size_t amount, uint64_t rate,
                        absl::Time now) {
  if (rate == 0) return absl::ZeroDuration();
  full = std::max(full, now) +
         absl::Seconds(static_cast<double>(amount) / static_cast<double>(rate));
  return std::max(full - now - PeerRates::kBurst, absl::ZeroDuration());
}

}  // namespace

PeerRates::Wait PeerRates::Spend(const std::string& peer, size_t events,
                                 size_t bytes, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (peers_.size() >= kPeersToKeep && !peers_.contains(peer)) Forget(now);
  Buckets& buckets = peers_[peer];
  const absl::Duration by_events =
      TakeFrom(buckets.events, events, limits_.events, now);
  const absl::Duration by_bytes =
      TakeFrom(buckets.bytes, bytes, limits_.bytes, now);
  return by_events >= by_bytes ? Wait{by_events, "--max-event-rate"}
                               : Wait{by_bytes, "--max-byte-rate"};
}

void PeerRates::Forget(absl::Time now) {
  absl::erase_if(peers_, [now](const auto& peer) {
    return peer.second.events <= now && peer.second.bytes <= now;
  });
}

}  // namespace gatewatch::analyzer
