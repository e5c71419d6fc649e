#include "cli/time_text.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace gatewatch::cli {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

struct Unit {
  char suffix;
  uint64_t nanoseconds;
};

constexpr Unit kUnits[] = {{'d', 86400 * kSecond},
                           {'h', 3600 * kSecond},
                           {'m', 60 * kSecond},
                           {'s', kSecond}};

absl::Status NotAMoment(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "not a time: '", text, "' (use 30m, 1h, 2d or 2026-01-31T12:00:00Z)"));
}

const Unit* UnitOf(char suffix) {
  for (const Unit& unit : kUnits) {
    if (unit.suffix == suffix) return &unit;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<uint64_t> ParseMoment(absl::string_view text, uint64_t now_ns) {
  if (text.empty()) return NotAMoment(text);
  const Unit* unit = UnitOf(text.back());
  uint64_t number = 0;
  if (unit != nullptr &&
      absl::SimpleAtoi(text.substr(0, text.size() - 1), &number)) {
    if (number > now_ns / unit->nanoseconds) return NotAMoment(text);
    return now_ns - number * unit->nanoseconds;
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      time < absl::UnixEpoch() || time > absl::FromUnixSeconds(1LL << 33)) {
    return NotAMoment(text);
  }
  return static_cast<uint64_t>(absl::ToUnixNanos(time));
}

std::string FormatMoment(uint64_t unix_ns) {
  const absl::Time time =
      absl::FromUnixMillis(static_cast<int64_t>(unix_ns / 1'000'000));
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string FormatAge(uint64_t unix_ns, uint64_t now_ns) {
  if (unix_ns == 0) return "never";
  const uint64_t age = now_ns > unix_ns ? now_ns - unix_ns : 0;
  for (const Unit& unit : kUnits) {
    if (age >= unit.nanoseconds) {
      return absl::StrCat(age / unit.nanoseconds,
                          absl::string_view(&unit.suffix, 1));
    }
  }
  return "0s";
}

}  // namespace gatewatch::cli
