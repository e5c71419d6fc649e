// Calls that act on processes and credentials.
//
//   process_calls [refused]
//
// "refused": the child is traced already, so tracing it must fail.
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main(int argc, char**) {
  const pid_t child = REQUIRE_CALL(fork());
  if (child == 0) {
    pause();
    _exit(0);
  }
  const bool refused = ptrace(PTRACE_SEIZE, child, 0, 0) < 0 && errno == EPERM;
  REQUIRE_CALL(kill(child, SIGKILL));
  REQUIRE_CALL(waitpid(child, nullptr, 0));
  if (refused != (argc > 1)) return 98;
  const bool root = getuid() == 0;
  if (root) REQUIRE_CALL(setuid(65534));
  close(open("/dev/null", 0));  // a call after the change
  execl("/nonexistent", "x", nullptr);
  printf("%d\n", child);
  return 0;
}
