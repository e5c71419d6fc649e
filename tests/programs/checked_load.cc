// checked_load OPENS EXECS [SECONDS]: opens OPENS files and executes EXECS
// programs a second until SIGTERM or for SECONDS, checks the result of every
// call, and measures how long each took. Prints one line at the end:
//
//   calls=N failed=N longest_stall_ms=N opens_per_second=N execs_per_second=N
//
// The rates are those reached; nothing is made up for later, so that a stall
// is not followed by a rush. Exit status 1 when a call failed.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/programs/require.h"

namespace {

constexpr int kFiles = 500;
constexpr int kExecutors = 2;
constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kTickNs = kSecondNs / 200;
constexpr uint64_t kToldFailures = 5;
constexpr char kMissing[] = "/nonexistent/checked_load";
constexpr char kChild[] = "--child";

std::atomic<bool> ending{false};

int64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

// What all threads' calls came to.
class Ledger {
 public:
  // Makes the call; it must give `expected`: 0 for success, else an errno.
  template <typename Call>
  auto Check(const char* what, int expected, Call call) {
    errno = 0;
    const int64_t begin = Now();
    const auto result = call();
    const int error = result < 0 ? errno : 0;
    Note(what, Now() - begin, error, error == expected);
    return result;
  }

  void Note(const char* what, int64_t took, int error, bool right) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    longest_ns_ = std::max(longest_ns_, took);
    if (right || ++failed_ > kToldFailures) return;
    printf("FAILED: %s: %s\n", what, strerror(error));
    fflush(stdout);
  }

  int Print(uint64_t opens, uint64_t execs, int64_t took) {
    const double seconds = static_cast<double>(took) / kSecondNs;
    const std::lock_guard lock(mutex_);
    printf(
        "calls=%llu failed=%llu longest_stall_ms=%.1f opens_per_second=%.0f "
        "execs_per_second=%.0f\n",
        static_cast<unsigned long long>(calls_),
        static_cast<unsigned long long>(failed_),
        static_cast<double>(longest_ns_) / 1e6,
        static_cast<double>(opens) / seconds,
        static_cast<double>(execs) / seconds);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  std::mutex mutex_;
  uint64_t calls_ = 0;
  uint64_t failed_ = 0;
  int64_t longest_ns_ = 0;
};

// Calls `once` so often a second, as far as it keeps up; how often that was.
template <typename Once>
uint64_t Pace(int64_t per_second, Once once) {
  uint64_t made = 0;
  int64_t tick = Now();
  int64_t owed = 0;  // in calls, times a second's nanoseconds
  while (!ending) {
    for (owed += per_second * kTickNs; owed >= kSecondNs; owed -= kSecondNs) {
      once(made++);
    }
    tick = std::max(tick + kTickNs, Now() - kTickNs);
    const timespec until{tick / kSecondNs, tick % kSecondNs};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  }
  return made;
}

void OpenAndClose(Ledger& ledger, const char* path, int flags) {
  const int fd =
      ledger.Check("open", 0, [&] { return open(path, flags, 0600); });
  if (fd >= 0) ledger.Check("close", 0, [&] { return close(fd); });
}

// In memory where that is to be had: a busy disk's file system would be what
// is measured.
std::string MakeFolder() {
  for (std::string folder : {"/dev/shm", "/tmp"}) {
    folder += "/gatewatch-load-XXXXXX";
    if (mkdtemp(folder.data()) != nullptr) return folder;
  }
  printf("FAILED: mkdtemp: %s\n", strerror(errno));
  exit(99);
}

// Mostly files that are there; one in 16 is not, one in 16 is made, renamed
// and deleted.
uint64_t OpenFiles(Ledger& ledger, const std::string& folder, int rate) {
  std::vector<std::string> files;
  for (int i = 0; i < kFiles; ++i) {
    files.push_back(folder + "/" + std::to_string(i));
    OpenAndClose(ledger, files.back().c_str(), O_CREAT | O_WRONLY);
  }
  const std::string fresh = folder + "/new", renamed = folder + "/renamed";
  const uint64_t made = Pace(rate, [&](uint64_t i) {
    if (i % 16 == 0) {
      ledger.Check("open of a missing file", ENOENT,
                   [] { return open(kMissing, O_RDONLY); });
    } else if (i % 16 == 8) {
      OpenAndClose(ledger, fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY);
      ledger.Check("rename", 0,
                   [&] { return rename(fresh.c_str(), renamed.c_str()); });
      ledger.Check("unlink", 0, [&] { return unlink(renamed.c_str()); });
    } else {
      OpenAndClose(ledger, files[i % kFiles].c_str(), O_RDONLY);
    }
  });
  for (const std::string& file : files) unlink(file.c_str());
  return made;
}

// The child checks its own calls, and says so with its status.
void ExecuteSelf(Ledger& ledger) {
  char name[] = "checked_load", child[] = "--child";
  char* const argv[] = {name, child, nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  const int64_t begin = Now();
  const int error =
      posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, argv, environment);
  ledger.Note("spawn", Now() - begin, error, error == 0);
  if (error != 0) return;
  int status = 0;
  const pid_t ended = waitpid(pid, &status, 0);
  const bool right = ended == pid && WIFEXITED(status);
  ledger.Note("a child", Now() - begin,
              WIFEXITED(status) ? WEXITSTATUS(status) : EINTR,
              right && WEXITSTATUS(status) == 0);
}

int RunChild() {
  const int fd = open("/dev/null", O_RDONLY);
  if (fd < 0 || close(fd) != 0) return errno;
  return open(kMissing, O_RDONLY) < 0 && errno == ENOENT ? 0 : errno;
}

// Children's ends wake it too.
void AwaitEnd(const sigset_t& end, int seconds) {
  const int64_t deadline = Now() + seconds * kSecondNs;
  const timespec second{1, 0};
  while (sigtimedwait(&end, nullptr, &second) < 0) {
    if (seconds > 0 && Now() >= deadline) break;
  }
  ending = true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], kChild) == 0) return RunChild();
  const int opens = argc > 1 ? atoi(argv[1]) : 0;
  const int execs = argc > 2 ? atoi(argv[2]) : 0;
  const int seconds = argc > 3 ? atoi(argv[3]) : 0;
  // Before there are threads: none of them is ever interrupted.
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  REQUIRE_CALL(sigprocmask(SIG_BLOCK, &end, nullptr));
  std::string folder = MakeFolder();

  Ledger ledger;
  std::atomic<uint64_t> opened{0}, executed{0};
  std::vector<std::thread> threads;
  const int64_t begin = Now();
  threads.emplace_back([&] { opened += OpenFiles(ledger, folder, opens); });
  for (int i = 0; i < kExecutors; ++i) {
    threads.emplace_back([&] {
      executed +=
          Pace(execs / kExecutors, [&](uint64_t) { ExecuteSelf(ledger); });
    });
  }
  AwaitEnd(end, seconds);
  for (std::thread& thread : threads) thread.join();
  rmdir(folder.c_str());
  return ledger.Print(opened, executed, Now() - begin);
}
