#include "cli/time_text.h"

#include "catch2/catch.hpp"

namespace gatewatch::cli {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kNow = 1'769'860'800 * kSecond;  // 2026-01-31T12:00:00Z

}  // namespace

TEST_CASE("a moment is given as a time before now", "[cli]") {
  CHECK(*ParseMoment("90s", kNow) == kNow - 90 * kSecond);
  CHECK(*ParseMoment("30m", kNow) == kNow - 1800 * kSecond);
  CHECK(*ParseMoment("1h", kNow) == kNow - 3600 * kSecond);
  CHECK(*ParseMoment("2d", kNow) == kNow - 172800 * kSecond);
}

TEST_CASE("a moment is given as RFC 3339, with any zone", "[cli]") {
  CHECK(*ParseMoment("2026-01-31T12:00:00Z", kNow) == kNow);
  CHECK(*ParseMoment("2026-01-31T13:00:00+01:00", kNow) == kNow);
  CHECK(*ParseMoment("2026-01-31T12:00:00.5Z", kNow) == kNow + kSecond / 2);
}

TEST_CASE("what is no moment is refused with an example", "[cli]") {
  for (const char* text :
       {"", "h", "1", "1w", "-1h", "1.5h", "99999999999d", "yesterday",
        "1960-01-01T00:00:00Z", "infinite-future"}) {
    INFO(text);
    const auto moment = ParseMoment(text, kNow);
    REQUIRE_FALSE(moment.ok());
    CHECK(absl::IsInvalidArgument(moment.status()));
    CHECK_THAT(std::string(moment.status().message()),
               Catch::Contains("2026-01-31T12:00:00Z"));
  }
}

TEST_CASE("a moment that was printed can be given back", "[cli]") {
  CHECK(FormatMoment(kNow + 123'456'789) == "2026-01-31T12:00:00.123Z");
  CHECK(*ParseMoment(FormatMoment(kNow), 0) == kNow);
  CHECK(FormatMoment(UINT64_MAX).size() > 0);
}

TEST_CASE("an age is told in its largest unit", "[cli]") {
  CHECK(FormatAge(0, kNow) == "never");
  CHECK(FormatAge(kNow, kNow) == "0s");
  CHECK(FormatAge(kNow + kSecond, kNow) == "0s");
  CHECK(FormatAge(kNow - 59 * kSecond, kNow) == "59s");
  CHECK(FormatAge(kNow - 60 * kSecond, kNow) == "1m");
  CHECK(FormatAge(kNow - 49 * 3600 * kSecond, kNow) == "2d");
}

}  // namespace gatewatch::cli
