#include "detection/schedule.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace gatewatch::detection {
namespace {

constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu",
                                       "fri", "sat", "sun"};
constexpr int kMinutesOfDay = 24 * 60;

std::optional<size_t> DayOf(absl::string_view name) {
  const auto* const found = std::find(std::begin(kDays), std::end(kDays),
                                      absl::AsciiStrToLower(name));
  if (found == std::end(kDays)) return std::nullopt;
  return static_cast<size_t>(found - std::begin(kDays));
}

// "daily", "Sun", "Mon-Fri", "Fri-Mon,Wed".
absl::StatusOr<std::bitset<7>> ParseDays(absl::string_view text) {
  std::bitset<7> days;
  if (absl::AsciiStrToLower(text) == "daily") return days.set();
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(part, absl::MaxSplits('-', 1));
    const auto first = DayOf(ends.first);
    const bool range = part.size() > ends.first.size();
    const auto last = range ? DayOf(ends.second) : first;
    if (!first || !last) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected days such as Sun, Mon-Fri or daily, not ", part));
    }
    for (size_t day = *first; day != *last; day = (day + 1) % days.size()) {
      days.set(day);
    }
    days.set(*last);
  }
  return days;
}

// "02:00", up to "24:00".
std::optional<int> ParseMinute(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  int hours = 0, minutes = 0;
  if (parts.size() != 2 || parts[0].size() != 2 || parts[1].size() != 2 ||
      !absl::SimpleAtoi(parts[0], &hours) ||
      !absl::SimpleAtoi(parts[1], &minutes) || hours < 0 || minutes < 0 ||
      minutes > 59) {
    return std::nullopt;
  }
  const int minute = hours * 60 + minutes;
  if (minute > kMinutesOfDay) return std::nullopt;
  return minute;
}

absl::StatusOr<absl::Time> ParseMoment(absl::string_view text) {
  absl::Time time;
  std::string why;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &why)) return time;
  return absl::InvalidArgumentError(absl::StrCat(
      "expected a moment such as 2026-12-24T18:00:00Z, not ", text));
}

}  // namespace

absl::StatusOr<Schedule> Schedule::Weekly(absl::string_view text) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (parts.size() != 3) {
    return absl::InvalidArgumentError(
        "expected days, times and a time zone: Sun 02:00-04:00 UTC");
  }
  Weekdays weekly;
  GATEWATCH_ASSIGN_OR_RETURN(weekly.days, ParseDays(parts[0]));
  const std::vector<absl::string_view> times = absl::StrSplit(parts[1], '-');
  const auto begin = ParseMinute(times.front());
  const auto end = ParseMinute(times.back());
  if (times.size() != 2 || !begin || !end || *begin == *end ||
      *begin == kMinutesOfDay) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected times such as 02:00-04:00, not ", parts[1]));
  }
  weekly.begin = *begin;
  weekly.end = *end;
  if (!absl::LoadTimeZone(parts[2], &weekly.zone)) {
    return absl::InvalidArgumentError(
        absl::StrCat("no time zone ", parts[2], " is known on this machine"));
  }
  Schedule schedule;
  schedule.weekly_ = weekly;
  return schedule;
}

absl::StatusOr<Schedule> Schedule::Span(absl::string_view from,
                                        absl::string_view until) {
  if (from.empty() && until.empty()) {
    return absl::InvalidArgumentError("a span needs a beginning or an end");
  }
  Schedule schedule;
  if (!from.empty()) {
    GATEWATCH_ASSIGN_OR_RETURN(schedule.from_, ParseMoment(from));
  }
  if (!until.empty()) {
    GATEWATCH_ASSIGN_OR_RETURN(schedule.until_, ParseMoment(until));
  }
  if (schedule.from_ < schedule.until_) return schedule;
  return absl::InvalidArgumentError("the end is not after the beginning");
}

bool Schedule::Contains(uint64_t unix_ns) const {
  const absl::Time time = absl::FromUnixNanos(static_cast<int64_t>(
      std::min<uint64_t>(unix_ns, static_cast<uint64_t>(INT64_MAX))));
  if (weekly_) return Contains(*weekly_, time);
  return from_ <= time && time < until_;
}

bool Schedule::Contains(const Weekdays& weekly, absl::Time time) {
  const absl::CivilSecond local = weekly.zone.At(time).cs;
  const int minute = local.hour() * 60 + local.minute();
  const auto day = static_cast<size_t>(absl::GetWeekday(local));
  const bool today = weekly.days[day];
  if (weekly.begin < weekly.end) {
    return today && weekly.begin <= minute && minute < weekly.end;
  }
  const bool yesterday = weekly.days[(day + 6) % 7];
  return (today && minute >= weekly.begin) ||
         (yesterday && minute < weekly.end);
}

}  // namespace gatewatch::detection
