#include "base/clock.h"

#include <time.h>
#include <unistd.h>

namespace gatewatch {
namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;

uint64_t Now(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * kNanosPerSecond +
         static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

uint64_t UnixNanos() { return Now(CLOCK_REALTIME); }

uint64_t MonotonicNanos() { return Now(CLOCK_MONOTONIC); }

uint64_t UnixNanosFromBootTicks(uint64_t ticks) {
  static const uint64_t boot = Now(CLOCK_REALTIME) - Now(CLOCK_BOOTTIME);
  static const auto per_second = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return boot + ticks * (kNanosPerSecond / per_second);
}

}  // namespace gatewatch
