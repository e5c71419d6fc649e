#include "probes/procfs/process_poller.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/child.h"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

using testing::Child;
using testing::TempTree;

// Above PID_MAX_LIMIT: no process of this host has such a pid.
constexpr pid_t kInit = 5'000'001;
constexpr pid_t kShell = 5'000'002;
constexpr uint64_t kSecond = 1'000'000'000;

template <typename T>
const T* As(const Observation& observation) {
  return std::get_if<T>(&observation.detail);
}

class Fixture {
 public:
  explicit Fixture(
      const std::string& proc_root = "/proc",
      ProcessPoller::Covered covered = [](const auto&) { return false; })
      : proc_(proc_root),
        poller_(proc_, proc_root, std::move(covered), emitter_) {}

  // What a round at that time tells.
  std::vector<Observation> Poll(uint64_t now_ns = MonotonicNanos()) {
    poller_.Poll(now_ns);
    const auto taken = queue_.Take(absl::ZeroDuration());
    return {taken.begin(), taken.end()};
  }

  // Polls until a process has been told of so often; what was told of it.
  std::vector<Observation> Await(pid_t pid, size_t count) {
    std::vector<Observation> found;
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (found.size() < count && absl::Now() < deadline) {
      for (Observation& observation : Poll()) {
        if (observation.process.pid == pid) {
          found.push_back(std::move(observation));
        }
      }
      ::usleep(1000);
    }
    REQUIRE(found.size() == count);
    return found;
  }

  const ProcessPoller& poller() const { return poller_; }

 private:
  ObservationQueue queue_{10'000};
  Emitter emitter_{queue_};
  const ProcReader proc_;
  ProcessPoller poller_;
};

void Run(const TempTree& proc, pid_t pid, pid_t parent,
         absl::string_view command) {
  proc.Process(pid, parent, 100 + static_cast<uint64_t>(pid), command);
  proc.File(absl::StrCat(pid, "/cmdline"), command);
  proc.File(absl::StrCat(pid, "/comm"), command);
}

// A process that executes another program when it is told to.
class Executor {
 public:
  Executor() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    go_.Reset(ends[1]);
    UniqueFd wait(ends[0]);
    pid_ = ::fork();
    if (pid_ != 0) return;
    go_.Reset();
    char byte;
    if (::read(wait.get(), &byte, 1) != 1) ::_exit(1);
    ::execl("/bin/sleep", "sleep", "100", nullptr);
    ::_exit(1);
  }
  ~Executor() { Kill(); }

  void Go() { REQUIRE(::write(go_.get(), "x", 1) == 1); }
  void Kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  UniqueFd go_;
};

}  // namespace

TEST_CASE("what runs already is inventory, what comes later is news",
          "[poller]") {
  const TempTree proc;
  proc.File("loadavg", "0 0 0 1/1 7\n");
  Run(proc, kShell, kInit, "sh");
  Run(proc, kInit, 0, "init");
  Fixture fixture(proc.path());
  const auto first = fixture.Poll(1);
  REQUIRE(first.size() == 2);
  CHECK(first[0].process.pid == kInit);
  REQUIRE(As<ProcessStarted>(first[1]) != nullptr);
  CHECK(As<ProcessStarted>(first[1])->inventory);
  CHECK(As<ProcessStarted>(first[1])->process.parent ==
        ProcessId{kInit, 100 + uint64_t{kInit}});

  // A fork of the shell: the same image.
  Run(proc, kShell + 1, kShell, "sh");
  proc.File("loadavg", "0 0 0 1/1 8\n");
  fixture.Poll(2);  // seen, but perhaps in the middle of an exec
  const auto later = fixture.Poll(3);
  REQUIRE(later.size() == 1);
  CHECK(later[0].syscall == "clone");
  CHECK_FALSE(As<ProcessStarted>(later[0])->inventory);
  CHECK(fixture.Poll(4).empty());
}

TEST_CASE("nothing is looked for while no pid is given out", "[poller]") {
  const TempTree proc;
  proc.File("loadavg", "0 0 0 1/1 7\n");
  Run(proc, kInit, 0, "init");
  Fixture fixture(proc.path());
  fixture.Poll(1);
  fixture.Poll(2);  // once more after the last one
  Run(proc, kShell, kInit, "sh");
  for (uint64_t now = 3; now < 6; ++now) CHECK(fixture.Poll(now).empty());
  // All the same, it is found in the end.
  fixture.Poll(kSecond);
  CHECK(fixture.Poll(kSecond + 1).size() == 2);
}

TEST_CASE("an image that may not be read is told by what others see",
          "[poller]") {
  const TempTree proc;
  Run(proc, kInit, 0, "init");
  Fixture fixture(proc.path());
  fixture.Poll(1);
  Run(proc, kInit, 0, "curl");
  const auto seen = fixture.Poll(2);
  REQUIRE(seen.size() == 1);
  const auto* execed = As<ProcessExeced>(seen[0]);
  REQUIRE(execed != nullptr);
  CHECK_FALSE(execed->confirmed);  // a program may rename itself
  CHECK(seen[0].outcome.status == OutcomeStatus::kUnknown);
  CHECK(execed->after.arguments == std::vector<std::string>{"curl"});
}

TEST_CASE("a process that is gone or another's pid has ended", "[poller]") {
  const TempTree proc;
  Run(proc, kInit, 0, "init");
  Run(proc, kShell, kInit, "sh");
  Fixture fixture(proc.path());
  fixture.Poll(1);
  proc.Zombie(kShell, kInit, 100 + uint64_t{kShell});
  const auto seen = fixture.Poll(kSecond);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].process.pid == kShell);
  CHECK(seen[0].syscall == "procexit");
  CHECK_FALSE(As<ProcessExited>(seen[0])->code.has_value());

  proc.Process(kInit, 0, 999'999, "other");
  const auto reused = fixture.Poll(2 * kSecond);
  REQUIRE(reused.size() == 1);
  CHECK(As<ProcessExited>(reused[0]) != nullptr);
  CHECK(reused[0].process.start_ticks == 100 + uint64_t{kInit});
}

TEST_CASE("nothing is told of covered processes", "[poller]") {
  const TempTree proc;
  Run(proc, kInit, 0, "init");
  Run(proc, kShell, kInit, "sh");
  bool shell_too = false;
  Fixture fixture(proc.path(), [&](const ProcessId& id) {
    return id.pid == kInit || (shell_too && id.pid == kShell);
  });
  const auto seen = fixture.Poll(1);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].process.pid == kShell);
  // From now on another tells of it; it has not ended.
  shell_too = true;
  CHECK(fixture.Poll(kSecond).empty());
}

TEST_CASE("a fork is no exec", "[poller]") {
  Fixture fixture;
  fixture.Poll();
  const Child child;
  const auto seen = fixture.Await(child.pid(), 1);
  CHECK(As<ProcessStarted>(seen[0]) != nullptr);
  CHECK(As<ProcessStarted>(seen[0])->process.parent.pid == ::getpid());
}

TEST_CASE("a process is followed from its start over its exec to its end",
          "[poller]") {
  Fixture fixture;
  fixture.Poll();
  Executor executor;
  const pid_t pid = executor.pid();
  CHECK(As<ProcessStarted>(fixture.Await(pid, 1)[0]) != nullptr);
  executor.Go();
  const auto seen = fixture.Await(pid, 1);
  const auto* execed = As<ProcessExeced>(seen[0]);
  REQUIRE(execed != nullptr);
  CHECK(execed->confirmed);
  CHECK(execed->after.arguments == std::vector<std::string>{"sleep", "100"});
  CHECK(execed->after.name == "sleep");
  CHECK(execed->filename == execed->after.executable.path);
  executor.Kill();
  CHECK(As<ProcessExited>(fixture.Await(pid, 1)[0]) != nullptr);
}

TEST_CASE("a process that was born and has executed is told as both",
          "[poller]") {
  Fixture fixture;
  fixture.Poll();
  Executor executor;
  executor.Go();
  // Not looked at before it has.
  const ProcReader proc;
  while (proc.Snapshot(executor.pid())->name != "sleep") ::usleep(1000);
  const auto seen = fixture.Await(executor.pid(), 2);
  const auto* started = As<ProcessStarted>(seen[0]);
  REQUIRE(started != nullptr);
  CHECK(started->process.name == "probes_test");  // its parent's
  REQUIRE(As<ProcessExeced>(seen[1]) != nullptr);
  CHECK(As<ProcessExeced>(seen[1])->after.name == "sleep");
}

TEST_CASE("each mount namespace is known by one of its processes", "[poller]") {
  const TempTree proc;
  Run(proc, kInit, 0, "init");
  Run(proc, kShell, kInit, "sh");
  proc.Link(absl::StrCat(kInit, "/ns/mnt"), "mnt:[77]");
  proc.Link(absl::StrCat(kShell, "/ns/mnt"), "mnt:[77]");
  Fixture fixture(proc.path());
  fixture.Poll(1);
  const auto namespaces = fixture.poller().MountNamespaces();
  REQUIRE(namespaces.size() == 1);
  CHECK(namespaces.contains(77));
}

}  // namespace gatewatch::probes
