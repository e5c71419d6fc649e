// process_storm COUNT PREFIX: makes COUNT short processes as fast as it can,
// two starters with several children each at a time. Each child creates and
// deletes the file PREFIX<pid>-<token>, its token its own among all, and ends:
// by itself, by a signal (one in 16), or as another image whose argument is
// the token too (one in 8).
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "tests/programs/require.h"

namespace {

constexpr int kStarters = 2;
constexpr int kAtATime = 8;
constexpr char kExecuted[] = "--executed";

[[noreturn]] void LeaveToken(const char* prefix, int token, bool die) {
  const std::string path =
      prefix + std::to_string(getpid()) + "-" + std::to_string(token);
  const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (fd < 0 || unlink(path.c_str()) != 0) _exit(99);
  if (die) kill(getpid(), SIGKILL);
  _exit(0);
}

[[noreturn]] void RunChild(const char* prefix, int token) {
  if (token % 8 != 1) LeaveToken(prefix, token, token % 16 == 0);
  execl("/proc/self/exe", "process_storm", kExecuted, prefix,
        std::to_string(token).c_str(), nullptr);
  _exit(98);
}

void Reap() {
  int status = 0;
  REQUIRE_CALL(wait(&status));
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (killed || status == 0) return;
  printf("FAILED: a child ended with %x\n", status);
  exit(99);
}

void StartChildren(const char* prefix, int first, int count) {
  for (int token = first; token < count; token += kStarters) {
    if (token / kStarters >= kAtATime) Reap();
    if (REQUIRE_CALL(fork()) == 0) RunChild(prefix, token);
  }
  const int left = (count - first + kStarters - 1) / kStarters;
  for (int i = 0; i < std::min(left, kAtATime); ++i) Reap();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  if (strcmp(argv[1], kExecuted) == 0) {
    LeaveToken(argv[2], atoi(argv[3]), false);
  }
  const int count = atoi(argv[1]);
  for (int i = 0; i < kStarters; ++i) {
    if (REQUIRE_CALL(fork()) != 0) continue;
    StartChildren(argv[2], i, count);
    return 0;
  }
  for (int i = 0; i < kStarters; ++i) Reap();
  return 0;
}
