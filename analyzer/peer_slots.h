#ifndef GATEWATCH_ANALYZER_PEER_SLOTS_H_
#define GATEWATCH_ANALYZER_PEER_SLOTS_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace gatewatch::analyzer {

// How many of something there are at once, in all and for each peer, so that
// one peer cannot take the places of all.
//
// Threads:  any.
// Lifetime: must outlive its slots.
class PeerSlots {
 public:
  struct Limit {
    int count = 0;
    const char* name = "";  // the flag that sets it, or what it is called
  };
  PeerSlots(const char* what, Limit in_all, Limit for_each)
      : what_(what), in_all_(in_all), for_each_(for_each) {}

  // One place taken; given back at its end.
  class Slot {
   public:
    ~Slot() { slots_.GiveBack(peer_); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    friend class PeerSlots;
    Slot(PeerSlots& slots, const std::string& peer)
        : slots_(slots), peer_(peer) {}

    PeerSlots& slots_;
    const std::string peer_;
  };

  // A peer without a name ("") counts in all alone. RESOURCE_EXHAUSTED names
  // the limit.
  absl::StatusOr<std::unique_ptr<Slot>> Take(const std::string& peer)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void GiveBack(const std::string& peer) ABSL_LOCKS_EXCLUDED(mutex_);

  const char* const what_;
  const Limit in_all_;
  const Limit for_each_;
  absl::Mutex mutex_;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int> by_peer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PEER_SLOTS_H_
