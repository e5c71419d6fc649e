#ifndef GATEWATCH_BENCH_CLOCK_H_
#define GATEWATCH_BENCH_CLOCK_H_

#include <time.h>

#include <algorithm>
#include <vector>

namespace gatewatch::bench {

// By the monotonic clock.
inline double NanosNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 +
         static_cast<double>(now.tv_nsec);
}

inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace gatewatch::bench

#endif  // GATEWATCH_BENCH_CLOCK_H_
