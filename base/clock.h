#ifndef GATEWATCH_BASE_CLOCK_H_
#define GATEWATCH_BASE_CLOCK_H_

#include <cstdint>

namespace gatewatch {

// Nanoseconds since the Unix epoch, by the wall clock.
uint64_t UnixNanos();

// Nanoseconds by CLOCK_MONOTONIC, for durations.
uint64_t MonotonicNanos();

// Unix nanoseconds of a moment that the kernel gave in clock ticks since boot
// (proc(5), /proc/PID/stat starttime). The offset to the wall clock is read
// once, so that equal ticks give equal results for the life of this process.
uint64_t UnixNanosFromBootTicks(uint64_t ticks);

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_CLOCK_H_
