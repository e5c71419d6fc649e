// Is interrupted by a signal all the time while it makes observed calls; every
// call must give what it gives alone. The handler has SA_RESTART: without it
// the kernel ends a call that waits for its observer with EINTR, which the
// program then retries, as signal(7) demands of it.
//
//   signal_storm [MICROSECONDS]     from one signal to the next; 100
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

#include "tests/programs/require.h"

namespace {

bool restarts = false;

int OpenRetrying(const char* path) {
  int fd;
  do {
    fd = open(path, O_RDONLY);
  } while (fd < 0 && errno == EINTR && !restarts);
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  const suseconds_t period = argc > 1 ? atoi(argv[1]) : 100;
  for (const int flags : {0, SA_RESTART}) {
    restarts = flags == SA_RESTART;
    struct sigaction action {};
    action.sa_handler = [](int) {};
    action.sa_flags = flags;
    REQUIRE_CALL(sigaction(SIGALRM, &action, nullptr));
    const itimerval timer{{0, period}, {0, period}};
    REQUIRE_CALL(setitimer(ITIMER_REAL, &timer, nullptr));
    for (int i = 0; i < 5000; ++i) {
      const int fd = REQUIRE_CALL(OpenRetrying("/dev/null"));
      REQUIRE_CALL(close(fd));
      if (OpenRetrying("/nonexistent") >= 0 || errno != ENOENT) {
        printf("FAILED: errno %d\n", errno);
        return 99;
      }
    }
  }
  puts("10000 opens");
  return 0;
}
