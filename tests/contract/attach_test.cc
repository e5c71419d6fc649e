// What attaching to a running process does to it, and what it refuses.

#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/launch/launch_server.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "tests/contract/running.h"
#include "tests/support/skip.h"

namespace gatewatch::testing {
namespace {

// A socket on which nobody listens: keepers answer by themselves.
constexpr char kNobody[] = "gatewatch-test-nobody";

Running StartAttach(pid_t pid, const std::string& socket) {
  return Spawn({Program("gatewatch-launch"), "--socket", socket, "--attach",
                absl::StrCat(pid)},
               Output::kKeep);
}

std::string Attach(pid_t pid, const std::string& socket = kNobody) {
  const Running attach = StartAttach(pid, socket);
  std::string said = ReadToEnd(attach.output);
  AwaitExit(attach.pid);
  return said;
}

bool SaidBegun(const Running& program) {
  pollfd readable{program.output.get(), POLLIN, 0};
  char line[6];
  return ::poll(&readable, 1, 10'000) == 1 &&
         ::read(program.output.get(), line, sizeof(line)) == sizeof(line);
}

// A program that checks all its results until it is told to end.
class BusyThreads {
 public:
  // `starter`, if any, executes what follows its own arguments.
  explicit BusyThreads(std::vector<std::string> starter = {}) {
    starter.push_back(Program("busy_threads"));
    running_ = Spawn(std::move(starter), Output::kKeep);
    REQUIRE(SaidBegun(running_));
  }
  ~BusyThreads() {
    if (!ended_) ::kill(running_.pid, SIGKILL);
  }

  pid_t pid() const { return running_.pid; }

  std::string End() {
    ::kill(running_.pid, SIGTERM);
    std::string said = ReadToEnd(running_.output);
    ended_ = true;
    CHECK(AwaitExit(running_.pid) == 0);
    return said;
  }

 private:
  Running running_;
  bool ended_ = false;
};

std::string StatusOf(pid_t pid) {
  return ReadFile(absl::StrCat("/proc/", pid, "/status")).value_or("");
}

// The pid of the keeper that reports there; 0: there is none.
pid_t FindKeeper(const std::string& socket) {
  const Running find = Spawn({"/usr/bin/pgrep", "-n", "-f",
                              absl::StrCat("gatewatch-keep --socket ", socket)},
                             Output::kKeep);
  pid_t keeper = 0;
  const bool found = absl::SimpleAtoi(ReadToEnd(find.output), &keeper);
  AwaitExit(find.pid);
  return found ? keeper : 0;
}

constexpr char kAllRight[] = "every result was right\n";

}  // namespace

#if defined(__x86_64__)

TEST_CASE("a busy process does not notice that it is attached to",
          "[contract][attach]") {
  BusyThreads busy;
  CHECK(Attach(busy.pid()) == "attached\n");
  CHECK(absl::StrContains(StatusOf(busy.pid()), "TracerPid:\t0"));
  CHECK(absl::StrContains(StatusOf(busy.pid()), "Seccomp:\t2"));
  CHECK(busy.End() == kAllRight);
}

TEST_CASE("a process in namespaces of its own is attached to",
          "[contract][attach]") {
  const std::vector<std::string> unshare = {
      "/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--cgroup"};
  std::vector<std::string> trial = unshare;
  trial.push_back("/bin/true");
  if (AwaitExit(Spawn(std::move(trial), Output::kDiscard).pid) != 0) {
    return Skip("no user namespace can be made here");
  }
  BusyThreads busy(unshare);
  CHECK(Attach(busy.pid()) == "attached\n");
  CHECK(absl::StrContains(StatusOf(busy.pid()), "Seccomp:\t2"));
  CHECK(busy.End() == kAllRight);
}

TEST_CASE("an attach that is killed at any moment harms nothing",
          "[contract][attach]") {
  for (int round = 0; round < 40; ++round) {
    BusyThreads busy;
    const Running attach = StartAttach(busy.pid(), kNobody);
    absl::SleepFor(absl::Microseconds(150 * round));
    ::kill(attach.pid, SIGKILL);
    AwaitExit(attach.pid);
    CAPTURE(round);
    REQUIRE(busy.End() == kAllRight);
  }
}

TEST_CASE("a keeper is not attached to", "[contract][attach]") {
  BusyThreads busy;
  const std::string socket = absl::StrCat("gatewatch-test-keeper-", getpid());
  REQUIRE(Attach(busy.pid(), socket) == "attached\n");
  const pid_t keeper = FindKeeper(socket);
  REQUIRE(keeper != 0);
  CHECK(absl::StartsWith(Attach(keeper, socket), "CANCELLED: "));
  CHECK(busy.End() == kAllRight);
}

TEST_CASE("a second attach is refused", "[contract][attach]") {
  BusyThreads busy;
  CHECK(Attach(busy.pid()) == "attached\n");
  CHECK(absl::StartsWith(Attach(busy.pid()), "ALREADY_EXISTS: "));
  CHECK(busy.End() == kAllRight);
}

TEST_CASE("a process that somebody traces is refused", "[contract][attach]") {
  BusyThreads busy;
  REQUIRE(::ptrace(PTRACE_SEIZE, busy.pid(), nullptr, nullptr) == 0);
  CHECK(Attach(busy.pid()) ==
        absl::StrCat("FAILED_PRECONDITION: it is traced by process ", getpid(),
                     "\n"));
  REQUIRE(::ptrace(PTRACE_INTERRUPT, busy.pid(), nullptr, nullptr) == 0);
  REQUIRE(::waitpid(busy.pid(), nullptr, __WALL) == busy.pid());
  REQUIRE(::ptrace(PTRACE_DETACH, busy.pid(), nullptr, nullptr) == 0);
  CHECK(busy.End() == kAllRight);
}

TEST_CASE("a stopped process is left stopped", "[contract][attach]") {
  BusyThreads busy;
  const auto is_stopped = [&] {
    return absl::StrContains(StatusOf(busy.pid()), "T (stopped)");
  };
  ::kill(busy.pid(), SIGSTOP);
  AwaitThat(is_stopped, "it did not stop");
  CHECK(absl::StartsWith(Attach(busy.pid()), "UNAVAILABLE: "));
  AwaitThat(is_stopped, "it was started");
  ::kill(busy.pid(), SIGCONT);
  CHECK(busy.End() == kAllRight);
}

TEST_CASE("a process that is gone is not found", "[contract][attach]") {
  const Running ended = Spawn({"/bin/true"}, Output::kDiscard);
  REQUIRE(AwaitExit(ended.pid) == 0);
  CHECK(absl::StartsWith(Attach(ended.pid), "NOT_FOUND: "));
}

TEST_CASE("a keeper that is killed is replaced", "[contract][attach]") {
  probes::ObservationQueue queue(100'000);
  const std::string socket = absl::StrCat("gatewatch-test-replace-", getpid());
  auto server =
      agent::LaunchServer::Start(socket, queue, Program("gatewatch-launch"));
  REQUIRE(server.ok());
  BusyThreads busy;
  CHECK(Attach(busy.pid(), socket) == "attached\n");
  const auto workloads = [&] { return (*server)->counters().workloads; };
  AwaitThat([&] { return workloads() == 1; }, "no handover");
  const pid_t keeper = FindKeeper(socket);
  REQUIRE(keeper != 0);
  ::kill(keeper, SIGKILL);
  AwaitThat(
      [&] {
        const pid_t now = FindKeeper(socket);
        return now != 0 && now != keeper;
      },
      "there is no new keeper");
  AwaitThat([&] { return workloads() == 1; }, "it did not hand over");
  const auto answered = [&] { return (*server)->counters().observed; };
  const uint64_t before = answered();
  AwaitThat([&] { return answered() > before; }, "nothing is observed");
  (*server)->Stop();
  CHECK(busy.End() == kAllRight);
}

#endif

}  // namespace gatewatch::testing
