#include "detection/schedule.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::detection {
namespace {

uint64_t At(const std::string& text) {
  absl::Time time;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &why)) FAIL(why);
  return static_cast<uint64_t>(absl::ToUnixNanos(time));
}

Schedule Weekly(const std::string& text) {
  const auto schedule = Schedule::Weekly(text);
  if (!schedule.ok()) FAIL(schedule.status());
  return *schedule;
}

}  // namespace

TEST_CASE("a weekly schedule holds from its beginning to before its end",
          "[schedule]") {
  const Schedule sunday = Weekly("Sun 02:00-04:00 UTC");  // 2026-11-29 is one
  CHECK_FALSE(sunday.Contains(At("2026-11-29T01:59:59.999Z")));
  CHECK(sunday.Contains(At("2026-11-29T02:00:00Z")));
  CHECK(sunday.Contains(At("2026-11-29T03:59:59.999Z")));
  CHECK_FALSE(sunday.Contains(At("2026-11-29T04:00:00Z")));
  CHECK_FALSE(sunday.Contains(At("2026-11-28T03:00:00Z")));
}

TEST_CASE("what runs past midnight belongs to the day on which it begins",
          "[schedule]") {
  const Schedule friday = Weekly("Fri 22:00-06:00 UTC");  // 2026-11-27 is one
  CHECK(friday.Contains(At("2026-11-27T23:00:00Z")));
  CHECK(friday.Contains(At("2026-11-28T05:59:00Z")));
  CHECK_FALSE(friday.Contains(At("2026-11-28T06:00:00Z")));
  CHECK_FALSE(friday.Contains(At("2026-11-27T05:00:00Z")));
  CHECK_FALSE(friday.Contains(At("2026-11-28T23:00:00Z")));
}

TEST_CASE("days are ranges, which may go round the week, and lists",
          "[schedule]") {
  const Schedule some = Weekly("sat-mon,Wed 00:00-24:00 UTC");
  std::string days;
  for (int day = 23; day <= 29; ++day) {  // Monday to Sunday
    days += some.Contains(At(absl::StrCat("2026-11-", day, "T12:00:00Z")))
                ? 'x'
                : '-';
  }
  CHECK(days == "x-x--xx");
  CHECK(Weekly("daily 03:00-03:30 UTC").Contains(At("2026-11-25T03:15:00Z")));
}

TEST_CASE("a schedule that makes no sense is refused with what was expected",
          "[schedule]") {
  const auto error = [](const std::string& text) {
    return std::string(Schedule::Weekly(text).status().message());
  };
  CHECK_THAT(error("Sun 02:00-04:00"), Catch::Contains("time zone"));
  CHECK_THAT(error("Sunday 02:00-04:00 UTC"), Catch::Contains("Sunday"));
  CHECK_THAT(error("Sun 2-4 UTC"), Catch::Contains("2-4"));
  CHECK_THAT(error("Sun 02:00-02:00 UTC"), Catch::Contains("02:00-02:00"));
  CHECK_THAT(error("Sun 02:00-24:01 UTC"), Catch::Contains("24:01"));
  CHECK_THAT(error("Sun 02:00-04:00 Moon/Sea"), Catch::Contains("Moon/Sea"));
}

TEST_CASE("a span has a beginning, an end or both", "[schedule]") {
  const auto both =
      Schedule::Span("2026-12-24T18:00:00Z", "2026-12-25T06:00:00+01:00");
  REQUIRE(both.ok());
  CHECK(both->Contains(At("2026-12-24T18:00:00Z")));
  CHECK_FALSE(both->Contains(At("2026-12-25T05:00:00Z")));
  const auto until = Schedule::Span("", "2026-12-24T18:00:00Z");
  REQUIRE(until.ok());
  CHECK(until->Contains(0));
  CHECK_FALSE(until->Contains(UINT64_MAX));
  CHECK_FALSE(Schedule::Span("", "").ok());
  CHECK_FALSE(Schedule::Span("tomorrow", "").ok());
  CHECK_FALSE(
      Schedule::Span("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z").ok());
}

}  // namespace gatewatch::detection
