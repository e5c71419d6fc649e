#include "agent/throttle.h"

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kStart = 1000 * kSecond;
const std::string kWeb = "web";

// Ten a second, twenty at once.
RateLimits Limits() {
  return {{"open-read", 10, 20}, {"open-write", 10, 20}, {"exec", 10, 20}};
}

// How many of `count` events pass.
int Admitted(Throttle& throttle, int count, uint64_t now_ns,
             absl::string_view limit = "open-read",
             const std::string& container = kWeb) {
  int admitted = 0;
  for (int i = 0; i < count; ++i) {
    admitted += throttle.Admit(container, limit, 1, now_ns) ? 1 : 0;
  }
  return admitted;
}

}  // namespace

TEST_CASE("a burst passes up to its limit, then what the rate permits",
          "[throttle]") {
  Throttle throttle(Limits());
  CHECK(Admitted(throttle, 100, kStart) == 20);
  CHECK(Admitted(throttle, 100, kStart + kSecond) == 10);
  CHECK(Admitted(throttle, 100, kStart + kSecond + kSecond / 2) == 5);
  // A bucket holds no more than a burst.
  CHECK(Admitted(throttle, 100, kStart + 100 * kSecond) == 20);
  CHECK(throttle.throttled() == 80 + 90 + 95 + 80);
}

TEST_CASE("a clock that is set back refills nothing", "[throttle]") {
  Throttle throttle(Limits());
  CHECK(Admitted(throttle, 20, kStart) == 20);
  CHECK(Admitted(throttle, 5, kStart - 50 * kSecond) == 0);
}

TEST_CASE("kinds and containers do not draw on each other", "[throttle]") {
  Throttle throttle(Limits());
  CHECK(Admitted(throttle, 100, kStart) == 20);
  CHECK(Admitted(throttle, 100, kStart, "exec") == 20);
  CHECK(Admitted(throttle, 100, kStart, "open-read", "other") == 20);
}

TEST_CASE("what has no limit passes", "[throttle]") {
  Throttle throttle(NoRateLimits());
  CHECK(Admitted(throttle, 1000, kStart, "exec") == 1000);
  CHECK(Admitted(throttle, 1000, kStart, "no-such-kind") == 1000);
  CHECK(throttle.TakeReports(kStart + kSecond).empty());
}

TEST_CASE("one event a second tells what a container was refused",
          "[throttle]") {
  Throttle throttle(Limits());
  Admitted(throttle, 23, kStart);
  Admitted(throttle, 24, kStart + 5, "open-write");
  throttle.Admit(kWeb, "exec", 1, kStart);
  const auto reports = throttle.TakeReports(kStart + 10);
  REQUIRE(reports.size() == 1);
  const v1::Event& event = reports[0].event;
  CHECK(event.syscall() == "agent");
  CHECK(event.loss().reason() == v1::Loss::REASON_THROTTLED);
  CHECK(event.loss().container_id() == kWeb);
  CHECK(event.loss().since_ns() == kStart);
  CHECK(event.loss().until_ns() == kStart + 5);
  // Reads and writes are one kind of event.
  REQUIRE(event.loss().counts_size() == 1);
  CHECK(event.loss().counts(0).kind() == "open");
  CHECK(event.loss().counts(0).count() == 7);

  Admitted(throttle, 1, kStart + 20);
  CHECK(throttle.TakeReports(kStart + 30).empty());
  CHECK(throttle.TakeReports(kStart + 10 + kSecond).size() == 1);
  CHECK(throttle.TakeReports(kStart + 10 + 2 * kSecond).empty());
}

TEST_CASE("the end does not wait for the second to be over", "[throttle]") {
  Throttle throttle(Limits());
  throttle.TakeReports(kStart);
  Admitted(throttle, 21, kStart);
  CHECK(throttle.TakeReports(kStart + 1, /*all=*/true).size() == 1);
}

TEST_CASE("a folded event is refused with all its calls", "[throttle]") {
  Throttle throttle(Limits());
  Admitted(throttle, 20, kStart);
  CHECK_FALSE(throttle.Admit(kWeb, "open-read", 500, kStart));
  CHECK(throttle.TakeReports(kStart + 1)[0].event.loss().counts(0).count() ==
        500);
}

TEST_CASE("containers beyond the limit share their buckets", "[throttle]") {
  Throttle throttle(Limits());
  for (int i = 0; i < 256; ++i) {
    Admitted(throttle, 1, kStart, "exec", absl::StrCat("container", i));
  }
  CHECK(Admitted(throttle, 15, kStart, "exec", "one more") == 15);
  CHECK(Admitted(throttle, 15, kStart, "exec", "another") == 5);
  // Those that are quiet make room.
  throttle.TakeReports(kStart + 601 * kSecond);
  const uint64_t later = kStart + 602 * kSecond;
  CHECK(Admitted(throttle, 30, later, "exec", "one more") == 20);
  CHECK(Admitted(throttle, 30, later, "exec", "another") == 20);
}

TEST_CASE("a rate is changed, lifted, or all are", "[throttle]") {
  RateLimits limits = DefaultRateLimits();
  const auto limit_of = [&limits](absl::string_view name) {
    for (const RateLimit& limit : limits) {
      if (limit.name == name) return limit;
    }
    FAIL("no limit " << std::string(name));
    return RateLimit();
  };
  REQUIRE(ChangeRateLimit("connect=7", limits).ok());
  CHECK(limit_of("connect").per_second == 7);
  CHECK(limit_of("connect").burst == 35);
  REQUIRE(ChangeRateLimit("exec=off", limits).ok());
  CHECK(limit_of("exec").per_second == 0);
  CHECK(limit_of("open-read").per_second > 0);
  REQUIRE(ChangeRateLimit("off", limits).ok());
  CHECK(limit_of("open-read").per_second == 0);
}

TEST_CASE("a rate that makes no sense is refused", "[throttle]") {
  RateLimits limits = DefaultRateLimits();
  for (const char* text : {"", "open", "open=3", "exec", "exec=", "exec=0",
                           "exec=-1", "exec=many", "exec=99999999999", "=5"}) {
    CAPTURE(text);
    CHECK(absl::IsInvalidArgument(ChangeRateLimit(text, limits)));
  }
}

TEST_CASE("an observation counts against the limit of its kind", "[throttle]") {
  probes::Observation observation;
  observation.syscall = "openat";
  probes::FileOpened opened;
  opened.flags = O_RDONLY | O_CLOEXEC;
  observation.detail = opened;
  CHECK(RateLimitOf(observation) == "open-read");
  opened.flags = O_RDONLY | O_TRUNC;
  observation.detail = opened;
  CHECK(RateLimitOf(observation) == "open-write");
  opened.flags = O_RDONLY;
  opened.creates = true;
  observation.detail = opened;
  CHECK(RateLimitOf(observation) == "open-write");
  observation.syscall = "clone";
  observation.detail = probes::NamespaceChanged{};
  CHECK(RateLimitOf(observation) == "namespace");
  observation.detail = probes::ProcessStarted{};
  CHECK(RateLimitOf(observation) == "start");
  observation.detail = probes::ObservationsLost{};
  CHECK(RateLimitOf(observation).empty());
  observation.detail = probes::CredentialsChanged{};
  CHECK(RateLimitOf(observation).empty());
}

}  // namespace gatewatch::agent
