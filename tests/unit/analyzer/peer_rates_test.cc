#include "analyzer/peer_rates.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::analyzer {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);
// Of ten seconds at these rates.
constexpr size_t kEvents = 1'000;
constexpr size_t kBytes = 10'000;

PeerRates::Limits Rates() { return {.events = 100, .bytes = 1'000}; }

}  // namespace

TEST_CASE("a burst within the rates waits for nothing", "[analyzer][limits]") {
  PeerRates rates(Rates());
  CHECK(rates.Spend("a", kEvents, kBytes, kNow).time == absl::ZeroDuration());
}

TEST_CASE("what is over a rate waits as long as the rate takes for it",
          "[analyzer][limits]") {
  PeerRates rates(Rates());
  rates.Spend("a", kEvents, kBytes, kNow);
  const PeerRates::Wait events = rates.Spend("a", 200, 0, kNow);
  CHECK(events.time == absl::Seconds(2));
  CHECK(std::string(events.limit) == "--max-event-rate");
  const PeerRates::Wait bytes = rates.Spend("a", 0, 5'000, kNow);
  CHECK(bytes.time == absl::Seconds(5));
  CHECK(std::string(bytes.limit) == "--max-byte-rate");
}

TEST_CASE("time refills what was spent, and no more than a burst",
          "[analyzer][limits]") {
  PeerRates rates(Rates());
  rates.Spend("a", kEvents, 0, kNow);
  const absl::Time later = kNow + absl::Seconds(1);
  CHECK(rates.Spend("a", 100, 0, later).time == absl::ZeroDuration());
  CHECK(rates.Spend("a", 100, 0, later).time == absl::Seconds(1));
  const absl::Time much_later = kNow + absl::Hours(1);
  CHECK(rates.Spend("a", kEvents, 0, much_later).time == absl::ZeroDuration());
  CHECK(rates.Spend("a", 100, 0, much_later).time == absl::Seconds(1));
}

TEST_CASE("one peer's haste slows no other", "[analyzer][limits]") {
  PeerRates rates(Rates());
  rates.Spend("a", 100 * kEvents, 0, kNow);
  CHECK(rates.Spend("b", kEvents, 0, kNow).time == absl::ZeroDuration());
}

TEST_CASE("a peer that is over its rates is not forgotten among many",
          "[analyzer][limits]") {
  PeerRates rates(Rates());
  rates.Spend("a", 2 * kEvents, 0, kNow);
  const absl::Time later = kNow + absl::Seconds(1);
  for (int i = 0; i < 10'000; ++i) {
    rates.Spend(absl::StrCat("peer ", i), 1, 1, kNow);
  }
  CHECK(rates.Spend("a", 0, 0, later).time == absl::Seconds(9));
}

TEST_CASE("a rate of nothing is any rate", "[analyzer][limits]") {
  PeerRates rates({.events = 0, .bytes = 0});
  CHECK(rates.Spend("a", SIZE_MAX, SIZE_MAX, kNow).time ==
        absl::ZeroDuration());
}

}  // namespace gatewatch::analyzer
