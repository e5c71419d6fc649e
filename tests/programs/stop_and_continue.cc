// A child is stopped and continued while it makes observed calls; the parent
// sees each stop and continue, and the child's status.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main() {
  const pid_t child = REQUIRE_CALL(fork());
  if (child == 0) {
    while (true) close(open("/dev/null", O_RDONLY));
  }
  int stops = 0, continues = 0, status = 0;
  for (int i = 0; i < 50; ++i) {
    REQUIRE_CALL(kill(child, SIGSTOP));
    REQUIRE_CALL(waitpid(child, &status, WUNTRACED));
    stops += WIFSTOPPED(status);
    REQUIRE_CALL(kill(child, SIGCONT));
    REQUIRE_CALL(waitpid(child, &status, WCONTINUED));
    continues += WIFCONTINUED(status);
  }
  REQUIRE_CALL(kill(child, SIGTERM));
  REQUIRE_CALL(waitpid(child, &status, 0));
  printf("%d stops, %d continues, ended by %d\n", stops, continues,
         WTERMSIG(status));
  return 0;
}
