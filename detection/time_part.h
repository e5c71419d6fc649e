#ifndef GATEWATCH_DETECTION_TIME_PART_H_
#define GATEWATCH_DETECTION_TIME_PART_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace gatewatch::detection {

enum class TimePart { kMinute, kHour, kDay, kWeek, kMonth, kYear };

// By "minute", "hour" …; nothing for other names.
std::optional<TimePart> TimePartNamed(absl::string_view name);

// A number of a date as it is written, "2024-05-31T23:59:00+02:00", or of a
// Unix time in seconds, milliseconds, microseconds or nanoseconds, then UTC's.
// Weeks are ISO 8601's. Nothing when `text` is no date, and for minute and
// hour when it has no time of day.
std::optional<int64_t> PartOfTime(absl::string_view text, TimePart part);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_TIME_PART_H_
