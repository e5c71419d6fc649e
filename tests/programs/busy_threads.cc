// Computes, sleeps and opens files on three threads, under a signal every
// millisecond, until SIGTERM; checks every result. Whoever attaches to it in
// between must leave no trace in any of them.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/programs/require.h"

namespace {

std::atomic<bool> asked_to_end{false};

[[noreturn]] void Fail(const char* what) {
  printf("FAILED: %s: %s\n", what, strerror(errno));
  fflush(stdout);
  _exit(99);
}

// In registers and flags alone.
uint64_t SumOfSelected(uint64_t seed) {
  uint64_t sum = 0;
  double scaled = 1;
  for (uint64_t i = 0; i < 2000; ++i) {
    if ((seed * i & 5) != 0) sum += i;
    scaled = scaled * 1.0001 + static_cast<double>(sum & 3);
  }
  return sum + static_cast<uint64_t>(scaled);
}

void Compute() {
  for (uint64_t seed = 1; !asked_to_end; ++seed) {
    if (SumOfSelected(seed) != SumOfSelected(seed)) Fail("computation");
  }
}

void Sleep() {
  constexpr long kNanoseconds = 20'000'000;
  while (!asked_to_end) {
    timespec begin, end, left = {0, kNanoseconds};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (nanosleep(&left, &left) < 0) {
      if (errno != EINTR) Fail("nanosleep");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    const long slept = (end.tv_sec - begin.tv_sec) * 1'000'000'000 +
                       (end.tv_nsec - begin.tv_nsec);
    if (slept < kNanoseconds) Fail("sleep was cut short");
  }
}

void OpenFiles() {
  while (!asked_to_end) {
    int fd;
    do {
      fd = open("/dev/null", O_RDONLY);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) Fail("open");
    if (close(fd) != 0) Fail("close");
  }
}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  REQUIRE_CALL(sigaction(signal, &action, nullptr));
}

}  // namespace

int main() {
  Handle(SIGALRM, [](int) {});
  Handle(SIGTERM, [](int) { asked_to_end = true; });
  const itimerval timer{{0, 1000}, {0, 1000}};
  REQUIRE_CALL(setitimer(ITIMER_REAL, &timer, nullptr));
  std::thread sleeper(Sleep), opener(OpenFiles);
  puts("begun");
  fflush(stdout);
  Compute();
  sleeper.join();
  opener.join();
  puts("every result was right");
  return 0;
}
