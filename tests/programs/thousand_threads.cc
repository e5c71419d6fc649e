// A thousand threads, each of which makes observed calls.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/programs/require.h"

int main() {
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 1000; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) {
        close(REQUIRE_CALL(open("/dev/null", O_RDONLY)));
        ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  printf("%d opens\n", good.load());
  return 0;
}
