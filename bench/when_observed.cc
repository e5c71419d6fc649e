// Waits until this process is under a seccomp filter, then executes COMMAND:
// what is to be attached to before it begins.
//
//   when_observed COMMAND [ARGUMENT…]

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace {

bool UnderFilter() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line == "Seccomp:\t2") return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  while (!UnderFilter()) {
    const timespec pause{0, 5'000'000};
    nanosleep(&pause, nullptr);
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
