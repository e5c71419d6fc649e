#ifndef GATEWATCH_AGENT_RATE_LIMITS_H_
#define GATEWATCH_AGENT_RATE_LIMITS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// How many events of one kind a container may bring about, in the long run
// and at once.
struct RateLimit {
  // A kind of event (see proto/event_kind.h), where "open" is told apart:
  // "open-read" and "open-write".
  absl::string_view name;
  uint32_t per_second = 0;  // 0: no limit
  uint32_t burst = 0;
};

// A row for each name.
using RateLimits = std::vector<RateLimit>;

RateLimits DefaultRateLimits();
RateLimits NoRateLimits();

// Changes `limits` as a command line says: "NAME=RATE" (events a second, of
// which five seconds' worth may come at once), "NAME=off", or "off" for all.
// INVALID_ARGUMENT says what is wrong.
absl::Status ChangeRateLimit(absl::string_view text, RateLimits& limits);

// The limit that an observation counts against; empty: none, since it makes no
// event or tells of a loss.
absl::string_view RateLimitOf(const probes::Observation& observation);

// The kind of event that a limit is for: "open" for "open-read".
absl::string_view KindOfRateLimit(absl::string_view name);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_RATE_LIMITS_H_
