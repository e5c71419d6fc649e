// Interrupts itself faster than a tracer can follow, as long as it is traced;
// then executes itself anew and waits until it is traced again. So does a child
// that it makes in between. Each opens a file of its own when it is.
//
//   outrun_tracer FILE CHILDS_FILE
#include <fcntl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/programs/require.h"

namespace {

constexpr suseconds_t kPeriod = 20;  // µs; a tracer's three stops take longer
constexpr useconds_t kLookAgain = 1000;
constexpr char kAnew[] = "anew";

bool IsTraced() {
  char text[4096];
  const int fd = REQUIRE_CALL(open("/proc/self/status", O_RDONLY));
  const ssize_t got = REQUIRE_CALL(read(fd, text, sizeof(text) - 1));
  REQUIRE_CALL(close(fd));
  text[got] = '\0';
  const char* tracer = strstr(text, "TracerPid:\t");
  return tracer != nullptr && atoi(tracer + strlen("TracerPid:\t")) != 0;
}

void Interrupt(suseconds_t period) {
  const itimerval timer{{0, period}, {0, period}};
  REQUIRE_CALL(setitimer(ITIMER_REAL, &timer, nullptr));
}

void OpenWhenTraced(const char* path) {
  while (!IsTraced()) usleep(kLookAgain);
  REQUIRE_CALL(open(path, O_RDONLY));
}

int EndWell(char** argv) {
  const pid_t child = REQUIRE_CALL(fork());
  if (child == 0) {
    OpenWhenTraced(argv[2]);
    _exit(0);
  }
  OpenWhenTraced(argv[1]);
  int status = 0;
  REQUIRE_CALL(waitpid(child, &status, 0));
  return status == 0 ? 0 : 98;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 3) return EndWell(argv);
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  REQUIRE_CALL(sigaction(SIGALRM, &action, nullptr));
  Interrupt(kPeriod);
  while (IsTraced()) {
  }
  Interrupt(0);
  REQUIRE_CALL(execl("/proc/self/exe", argv[0], argv[1], argv[2], kAnew,
                     static_cast<char*>(nullptr)));
}
