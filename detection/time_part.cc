#include "detection/time_part.h"

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace gatewatch::detection {
namespace {

struct Row {
  absl::string_view name;
  TimePart part;
};
constexpr Row kRows[] = {
    {"minute", TimePart::kMinute}, {"hour", TimePart::kHour},
    {"day", TimePart::kDay},       {"week", TimePart::kWeek},
    {"month", TimePart::kMonth},   {"year", TimePart::kYear},
};

struct Written {
  absl::CivilMinute time;
  bool has_time_of_day = true;
};

// Seconds have ten digits until the year 2286, and each finer unit three more.
std::optional<Written> ReadUnixTime(absl::string_view text) {
  int64_t number = 0;
  if (text.size() < 9 || !absl::SimpleAtoi(text, &number) || number < 0) {
    return std::nullopt;
  }
  for (size_t digits = text.size(); digits > 11; digits -= 3) number /= 1000;
  return Written{
      absl::ToCivilMinute(absl::FromUnixSeconds(number), absl::UTCTimeZone())};
}

// The date, and the time if there is one, without what follows.
std::optional<Written> ReadDate(absl::string_view text) {
  constexpr size_t kDateSize = 10;    // 2024-05-31
  constexpr size_t kMinuteSize = 16;  // 2024-05-31T23:59
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text.substr(0, kDateSize), &day)) {
    return std::nullopt;
  }
  if (text.size() <= kDateSize) return Written{absl::CivilMinute(day), false};
  std::string minute(text.substr(0, kMinuteSize));
  if (minute[kDateSize] == ' ') minute[kDateSize] = 'T';
  Written written;
  if (!absl::ParseCivilTime(minute, &written.time)) return std::nullopt;
  return written;
}

int64_t IsoWeek(absl::CivilDay day) {
  // A week belongs to the year that its Thursday is in.
  const absl::CivilDay thursday = absl::PrevWeekday(
      absl::NextWeekday(day, absl::Weekday::monday), absl::Weekday::thursday);
  return (absl::GetYearDay(thursday) - 1) / 7 + 1;
}

}  // namespace

std::optional<TimePart> TimePartNamed(absl::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.part;
  }
  return std::nullopt;
}

std::optional<int64_t> PartOfTime(absl::string_view text, TimePart part) {
  std::optional<Written> written = ReadUnixTime(text);
  if (!written) written = ReadDate(text);
  if (!written) return std::nullopt;
  switch (part) {
    case TimePart::kMinute:
      if (!written->has_time_of_day) return std::nullopt;
      return written->time.minute();
    case TimePart::kHour:
      if (!written->has_time_of_day) return std::nullopt;
      return written->time.hour();
    case TimePart::kDay:
      return written->time.day();
    case TimePart::kWeek:
      return IsoWeek(absl::CivilDay(written->time));
    case TimePart::kMonth:
      return written->time.month();
    case TimePart::kYear:
      return written->time.year();
  }
  return std::nullopt;
}

}  // namespace gatewatch::detection
