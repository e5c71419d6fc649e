#include "probes/seccomp/spin_policy.h"

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kMicrosecond = 1000;
constexpr uint64_t kSecond = 1'000'000'000;

// A probe whose clock stands where the test puts it.
class SpinPolicyTest {
 public:
  void Pass(uint64_t ns) { now_ += ns; }

  // One wait; whether it began with a spin.
  bool Wait(uint64_t took_ns, bool came) {
    const bool spins = policy_.Allowance(now_) > 0;
    if (!spins) return false;
    now_ += took_ns;
    policy_.Note(took_ns, came);
    return true;
  }

  // How many waits pass without a spin before one that has one.
  uint64_t WaitsWithout(bool came) {
    uint64_t waits = 0;
    while (!Wait(SpinPolicy::kLongestNs, came)) {
      ++waits;
      Pass(1'000 * kMicrosecond);
    }
    return waits;
  }

 private:
  SpinPolicy policy_;
  uint64_t now_ = kSecond;
};

TEST_CASE_METHOD(SpinPolicyTest, "calls that come soon are spun for",
                 "[spin]") {
  for (int i = 0; i < 1000; ++i) {
    CHECK(Wait(5 * kMicrosecond, true));
    Pass(20 * kMicrosecond);  // in which the call is handled
  }
}

TEST_CASE_METHOD(SpinPolicyTest,
                 "each spin in vain doubles the waits without one", "[spin]") {
  REQUIRE(Wait(SpinPolicy::kLongestNs, false));
  for (uint64_t without = 1; without <= SpinPolicy::kMaxSkips; without *= 2) {
    CHECK(WaitsWithout(false) == without);
  }
  CHECK(WaitsWithout(false) == SpinPolicy::kMaxSkips);
}

TEST_CASE_METHOD(SpinPolicyTest, "a spin that brings a call ends the caution",
                 "[spin]") {
  REQUIRE(Wait(SpinPolicy::kLongestNs, false));
  for (int i = 0; i < 5; ++i) WaitsWithout(false);
  WaitsWithout(true);
  CHECK(WaitsWithout(true) == 0);
}

TEST_CASE_METHOD(SpinPolicyTest,
                 "spinning takes no more than its share of the time",
                 "[spin]") {
  // Calls that come so that every spin is long and brings one.
  constexpr uint64_t kSpin = SpinPolicy::kLongestNs;
  constexpr uint64_t kRest = 5 * kMicrosecond;
  constexpr int kWaits = 100'000;
  uint64_t spun = 0, passed = 0;
  for (int i = 0; i < kWaits; ++i) {
    const bool spins = Wait(kSpin, true);
    if (spins) spun += kSpin;
    Pass(spins ? kRest : kSpin + kRest);
    passed += kSpin + kRest;
  }
  const uint64_t allowed = passed / SpinPolicy::kShare;
  CHECK(spun <= SpinPolicy::kMostSavedNs + allowed);
  CHECK(spun >= allowed);
}

TEST_CASE_METHOD(SpinPolicyTest, "a burst of calls is spun for throughout",
                 "[spin]") {
  constexpr uint64_t kSpin = 15 * kMicrosecond;
  for (int i = 0; i < 5000; ++i) {
    REQUIRE(Wait(kSpin, true));
    Pass(5 * kMicrosecond);
  }
}

}  // namespace
}  // namespace gatewatch::probes
