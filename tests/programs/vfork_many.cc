// vfork and exec, two hundred times; the parent is suspended meanwhile.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/require.h"

namespace {

// The child does not return from here: it would take the parent's frame along.
__attribute__((noinline)) pid_t Start() {
  const pid_t child = vfork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "exit 9", nullptr);
    _exit(98);
  }
  return child;
}

}  // namespace

int main() {
  int good = 0;
  for (int i = 0; i < 200; ++i) {
    int status = 0;
    REQUIRE_CALL(waitpid(REQUIRE_CALL(Start()), &status, 0));
    good += WEXITSTATUS(status) == 9;
  }
  printf("%d children\n", good);
  return 0;
}
