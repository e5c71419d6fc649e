#ifndef GATEWATCH_DETECTION_SCHEDULE_H_
#define GATEWATCH_DETECTION_SCHEDULE_H_

#include <bitset>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace gatewatch::detection {

// Times at which something holds, told by the time of an event, never by a
// clock: an event that arrives late is judged like one that came at once.
//
// Threads: immutable; const methods from any.
class Schedule {
 public:
  // Each week the same: "Sun 02:00-04:00 UTC", "Mon-Fri,Sun 22:00-06:00
  // Europe/Berlin", "daily 03:00-03:30 UTC". What runs past midnight belongs to
  // the day on which it begins; the end is exclusive, "24:00" is midnight.
  // INVALID_ARGUMENT says what was expected.
  static absl::StatusOr<Schedule> Weekly(absl::string_view text);

  // From one moment to another, as RFC 3339 writes them:
  // "2026-12-24T18:00:00Z". An empty text leaves that side open; the end is
  // exclusive. INVALID_ARGUMENT: neither is given, it is no moment, or the end
  // is not after the beginning.
  static absl::StatusOr<Schedule> Span(absl::string_view from,
                                       absl::string_view until);

  bool Contains(uint64_t unix_ns) const;

 private:
  struct Weekdays {
    std::bitset<7> days;  // Monday is 0
    int begin = 0;        // minutes since midnight
    int end = 0;          // at or before `begin`: on the next day
    absl::TimeZone zone;
  };
  static bool Contains(const Weekdays& weekly, absl::Time time);

  absl::Time from_ = absl::InfinitePast();
  absl::Time until_ = absl::InfiniteFuture();
  std::optional<Weekdays> weekly_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_SCHEDULE_H_
