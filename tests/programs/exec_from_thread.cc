// Executes another program from a thread that is not the first.
#include <unistd.h>

#include <thread>

#include "tests/programs/require.h"

int main() {
  fflush(stdout);
  std::thread other([] {
    execl("/bin/sh", "sh", "-c", "echo executed by a thread; exit 5", nullptr);
    _exit(98);
  });
  other.join();
  return 97;
}
