// Makes a call that no filter is interested in over and over; prints the
// nanoseconds that one took, as the median of ten runs.
//
//   unobserved_loop COUNT

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "bench/clock.h"

int main(int argc, char** argv) {
  constexpr int kRuns = 10;
  const int count = argc > 1 ? atoi(argv[1]) : 1'000'000;
  std::vector<double> runs;
  for (int run = 0; run < kRuns; ++run) {
    const double begin = gatewatch::bench::NanosNow();
    for (int i = 0; i < count; ++i) syscall(SYS_getppid);
    runs.push_back((gatewatch::bench::NanosNow() - begin) / count);
  }
  printf("%.1f\n", gatewatch::bench::Median(runs));
  return 0;
}
