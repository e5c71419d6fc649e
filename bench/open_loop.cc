// Opens and closes a file over and over; prints the nanoseconds that one pair
// took, as the median of ten runs.
//
//   open_loop COUNT [FILES]
//
// COUNT pairs a run; FILES different files in turn (default 1), since an
// observer may fold repeats on the same file.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "bench/clock.h"

using gatewatch::bench::Median;
using gatewatch::bench::NanosNow;

namespace {

constexpr int kRuns = 10;

// In memory where that is to be had: a disk's file system is not what is
// measured.
std::string MakeFolder() {
  std::string folder = "/dev/shm/gatewatch-bench-XXXXXX";
  if (mkdtemp(folder.data()) != nullptr) return folder;
  folder = "/tmp/gatewatch-bench-XXXXXX";
  return mkdtemp(folder.data()) == nullptr ? "" : folder;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? atoi(argv[1]) : 20000;
  const int files = argc > 2 ? atoi(argv[2]) : 1;
  const std::string folder = MakeFolder();
  if (folder.empty()) return 1;
  std::vector<std::string> paths;
  for (int i = 0; i < files; ++i) {
    paths.push_back(folder + "/" + std::to_string(i));
    close(open(paths.back().c_str(), O_CREAT | O_WRONLY, 0600));
  }
  std::vector<double> runs;
  for (int run = 0; run < kRuns; ++run) {
    const double begin = NanosNow();
    for (int i = 0; i < count; ++i) {
      const size_t file = static_cast<size_t>(i % files);
      const int fd = open(paths[file].c_str(), O_RDONLY);
      if (fd < 0 || close(fd) != 0) return 1;
    }
    runs.push_back((NanosNow() - begin) / count);
  }
  for (const std::string& path : paths) unlink(path.c_str());
  rmdir(folder.c_str());
  printf("%.0f\n", Median(runs));
  return 0;
}
