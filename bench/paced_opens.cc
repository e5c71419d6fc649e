// Opens so many different files a second, for so many seconds, that none
// comes again within two; prints the rate that was reached.
//
//   paced_opens RATE SECONDS

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <string>

#include "bench/clock.h"

using gatewatch::bench::NanosNow;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int rate = atoi(argv[1]);
  const double seconds = atof(argv[2]);
  std::string folder = "/dev/shm/gatewatch-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const int files = 2 * rate;
  const auto path = [&](int i) {
    return folder + "/" + std::to_string(i % files);
  };
  for (int i = 0; i < files; ++i) {
    close(open(path(i).c_str(), O_CREAT | O_WRONLY, 0600));
  }
  const double begin = NanosNow();
  int made = 0;
  for (double passed = 0; passed < seconds * 1e9; passed = NanosNow() - begin) {
    for (; made < passed * rate / 1e9; ++made) {
      const int fd = open(path(made).c_str(), O_RDONLY);
      if (fd < 0 || close(fd) != 0) return 1;
    }
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  printf("%.0f\n", made / (NanosNow() - begin) * 1e9);
  for (int i = 0; i < files; ++i) unlink(path(i).c_str());
  rmdir(folder.c_str());
  return 0;
}
