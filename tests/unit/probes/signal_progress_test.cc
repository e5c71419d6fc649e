#include "probes/ptrace/signal_progress.h"

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

constexpr int kMany = 1000;
constexpr Place kHere = {0x1000, 0x7000};
constexpr Place kThere = {0x1004, 0x7000};

// How often it is said to stand still in many signals; each comes at `place`
// after a return of the handler to `returned`.
int TimesStill(SignalProgress& progress, Place returned, Place place) {
  int times = 0;
  for (int i = 0; i < kMany; ++i) {
    progress.LeftCall(/*sigreturn=*/true, returned);
    if (progress.Interrupted(place)) ++times;
  }
  return times;
}

}  // namespace

TEST_CASE(
    "a thread that each signal finds where the last one left it stands still",
    "[ptrace]") {
  SignalProgress progress;
  CHECK(TimesStill(progress, kHere, kHere) > 1);
}

TEST_CASE("a thread that goes on between its signals does not stand still",
          "[ptrace]") {
  SignalProgress progress;
  CHECK(TimesStill(progress, kHere, kThere) == 0);
}

TEST_CASE("a thread that waits for its signals in a call does not stand still",
          "[ptrace]") {
  SignalProgress progress;
  for (int i = 0; i < kMany; ++i) {
    progress.LeftCall(true, kHere);
    progress.LeftCall(false, kHere);  // pause(2), say, in a loop
    CHECK_FALSE(progress.Interrupted(kHere));
  }
}

TEST_CASE("a handler that makes calls hides no standstill", "[ptrace]") {
  SignalProgress progress;
  bool still = false;
  for (int i = 0; i < kMany; ++i) {
    progress.LeftCall(false, kThere);
    progress.LeftCall(true, kHere);
    still |= progress.Interrupted(kHere);
  }
  CHECK(still);
}

TEST_CASE("a thread that is only now and then found where it was goes on",
          "[ptrace]") {
  SignalProgress progress;
  for (int i = 0; i < kMany; ++i) {
    progress.LeftCall(true, kHere);
    CHECK_FALSE(progress.Interrupted(i % 8 == 0 ? kHere : kThere));
  }
}

}  // namespace gatewatch::probes
