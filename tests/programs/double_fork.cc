// Becomes a daemon the classic way: the middle process exits at once, so that
// the grandchild's parent is init. The grandchild reports through a pipe.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main() {
  int fds[2];
  REQUIRE_CALL(pipe(fds));
  const pid_t middle = REQUIRE_CALL(fork());
  if (middle == 0) {
    REQUIRE_CALL(setsid());
    if (REQUIRE_CALL(fork()) == 0) {
      while (getppid() == middle) usleep(100);
      execl("/bin/sh", "sh", "-c", "echo daemon", nullptr);
      _exit(98);
    }
    _exit(7);
  }
  close(fds[1]);
  int status = 0;
  REQUIRE_CALL(waitpid(middle, &status, 0));
  char byte;
  const ssize_t end = read(fds[0], &byte, 1);  // until the daemon is gone
  printf("middle exited with %d, pipe %zd, children %d\n", WEXITSTATUS(status),
         end, static_cast<int>(waitpid(-1, nullptr, 0)));
  return 0;
}
