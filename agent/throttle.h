#ifndef GATEWATCH_AGENT_THROTTLE_H_
#define GATEWATCH_AGENT_THROTTLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "agent/enriched_event.h"
#include "agent/rate_limits.h"

namespace gatewatch::agent {

// Keeps a container that does one thing very often from crowding out all that
// is worth knowing: a token bucket for each kind of event and container. What
// is over the limit is counted, and an event tells of it.
//
// Threads: one. Times are Unix nanoseconds; a clock that is set back refills
//          nothing.
// Limits:  256 containers; what comes from more of them shares one more set
//          of buckets. One that was quiet for ten minutes is forgotten.
class Throttle {
 public:
  explicit Throttle(RateLimits limits);

  // Whether an event may pass. `limit` is one that RateLimitOf() gave; `count`
  // is how many calls the event stands for, should it be lost.
  bool Admit(const std::string& container_id, absl::string_view limit,
             uint64_t count, uint64_t now_ns);

  // Events that tell what was not admitted, one for each container, once a
  // second; or at once, with `all`.
  std::vector<EnrichedEvent> TakeReports(uint64_t now_ns, bool all = false);

  // Calls that were not admitted since the start.
  uint64_t throttled() const { return throttled_; }

 private:
  struct Bucket {
    double tokens = 0;
    uint64_t filled_ns = 0;  // 0: never used, and so full
    uint64_t refused = 0;    // since the last report
  };
  struct Container {
    std::vector<Bucket> buckets;  // one a limit
    uint64_t used_ns = 0;
    uint64_t refused_since_ns = 0;  // 0: nothing was refused
    uint64_t refused_until_ns = 0;
  };

  Container& Find(const std::string& container_id);
  EnrichedEvent ReportOf(const std::string& id, Container& container,
                         uint64_t now_ns) const;

  const RateLimits limits_;
  absl::flat_hash_map<std::string, Container> containers_;
  uint64_t next_report_ns_ = 0;
  uint64_t throttled_ = 0;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_THROTTLE_H_
