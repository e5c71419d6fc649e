#ifndef GATEWATCH_ANALYZER_PEER_RATES_H_
#define GATEWATCH_ANALYZER_PEER_RATES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gatewatch::analyzer {

// How fast each agent may report: a token bucket of events and one of bytes,
// each holding what the rate gives in kBurst. What is over the rate is not
// refused but makes its sender wait, so that nothing is lost by it.
//
// Threads: any.
class PeerRates {
 public:
  static constexpr absl::Duration kBurst = absl::Seconds(10);

  // A second; 0: any rate.
  struct Limits {
    uint64_t events = 50'000;
    uint64_t bytes = 32 << 20;
  };
  explicit PeerRates(Limits limits) : limits_(limits) {}

  struct Wait {
    absl::Duration time = absl::ZeroDuration();
    const char* limit = "";  // the flag that sets what is exceeded
  };
  // The peer has sent so much: how long it is to send nothing more.
  Wait Spend(const std::string& peer, size_t events, size_t bytes,
             absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // When each bucket is full again.
  struct Buckets {
    absl::Time events = absl::InfinitePast();
    absl::Time bytes = absl::InfinitePast();
  };
  void Forget(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Limits limits_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Buckets> peers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PEER_RATES_H_
