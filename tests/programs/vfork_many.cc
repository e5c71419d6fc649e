// vfork and exec, two hundred times; the parent is suspended meanwhile.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main() {
  volatile int good = 0;  // the child shares this stack
  for (volatile int i = 0; i < 200; i = i + 1) {
    // Not inside a function of its own: the child must not return from where
    // the parent is still to go on.
    const pid_t child = vfork();
    if (child < 0) return 99;
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", "exit 9", nullptr);
      _exit(98);
    }
    int status = 0;
    REQUIRE_CALL(waitpid(child, &status, 0));
    good = good + (WEXITSTATUS(status) == 9);
  }
  printf("%d children\n", good);
  return 0;
}
