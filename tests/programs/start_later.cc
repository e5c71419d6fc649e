// Starts a command, held until it is released, and ends as the command does.
//
//   start_later COMMAND…
//
// Writes the pid of the command's process to descriptor 3; the command is
// executed when the other end of descriptor 4 is closed. The command has
// neither of the two.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/require.h"

namespace {

constexpr int kTellPid = 3;
constexpr int kReleased = 4;

[[noreturn]] void BecomeCommand(char** command) {
  const pid_t self = getpid();
  if (write(kTellPid, &self, sizeof(self)) != sizeof(self)) _exit(99);
  close(kTellPid);
  char byte;
  while (read(kReleased, &byte, 1) < 0 && errno == EINTR) {
  }
  close(kReleased);
  execvp(command[0], command);
  _exit(127);
}

}  // namespace

int main(int, char** argv) {
  const pid_t child = REQUIRE_CALL(fork());
  if (child == 0) BecomeCommand(argv + 1);
  close(kTellPid);
  close(kReleased);
  close(1);  // whoever reads waits for the command's copies alone
  close(2);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  signal(WTERMSIG(status), SIG_DFL);
  raise(WTERMSIG(status));
  _exit(99);
}
