// What the eBPF rung sees beyond what every rung sees: results, exits and
// their signals to the last one, and that nothing is lost uncounted.

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "probes/bpf/bpf_probe.h"
#include "tests/contract/collector.h"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/gatewatch-test-XXXXXX";
    path_ = mkdtemp(name.data());
    std::filesystem::permissions(path_, std::filesystem::perms::all);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const Observation* OpenOf(const Observed& seen, absl::string_view path,
                          absl::string_view syscall = "openat") {
  for (const Observation* observation : seen.Of<FileOpened>()) {
    if (std::get<FileOpened>(observation->detail).file.path == path &&
        observation->syscall == syscall) {
      return observation;
    }
  }
  return nullptr;
}

const FileChanged* ChangeOf(const Observed& seen, FileOperation operation,
                            absl::string_view path) {
  for (const Observation* observation : seen.Of<FileChanged>()) {
    const auto& changed = std::get<FileChanged>(observation->detail);
    if (changed.operation == operation && changed.file.path == path) {
      return &changed;
    }
  }
  return nullptr;
}

const Socket* SocketOf(const Observed& seen, absl::string_view syscall) {
  for (const Observation* observation : seen.Of<SocketCalled>()) {
    if (observation->syscall == syscall) {
      return &std::get<SocketCalled>(observation->detail).socket;
    }
  }
  return nullptr;
}

const ProcessExeced& ExecOf(const Observation* observation) {
  return std::get<ProcessExeced>(observation->detail);
}

const Observation* ExecNamed(const Observed& seen, absl::string_view name) {
  for (const Observation* observation : seen.Of<ProcessExeced>()) {
    if (ExecOf(observation).after.name == name) return observation;
  }
  return nullptr;
}

std::vector<int> ExitCodes(const Observed& seen) {
  std::vector<int> codes;
  for (const Observation* observation : seen.Of<ProcessExited>()) {
    codes.push_back(
        std::get<ProcessExited>(observation->detail).code.value_or(-1));
  }
  return codes;
}

uint64_t Lost(const Observed& seen, absl::string_view syscall) {
  uint64_t lost = 0;
  for (const Observation* observation : seen.Of<ObservationsLost>()) {
    for (const auto& entry :
         std::get<ObservationsLost>(observation->detail).counts) {
      if (entry.syscall == syscall) lost += entry.count;
    }
  }
  return lost;
}

}  // namespace

// Watches a command with this rung; where it is not permitted, leaves the
// case with the reason.
#define REQUIRE_WATCHED(name, ...)                      \
  const Rung rung = BpfRung();                          \
  if (!rung.why_not.empty()) return Skip(rung.why_not); \
  const Observed name = Watch(rung, __VA_ARGS__)

TEST_CASE("a command's image is seen as the kernel made it",
          "[contract][bpf]") {
  REQUIRE_WATCHED(seen, {"/bin/sh", "-c", "exit 3"});
  const auto execs = seen.Of<ProcessExeced>();
  REQUIRE(execs.size() == 1);
  CHECK(execs[0]->outcome.status == OutcomeStatus::kSucceeded);
  const ProcessExeced& exec = ExecOf(execs[0]);
  CHECK(exec.confirmed);
  CHECK(exec.filename == "/bin/sh");
  CHECK(exec.after.arguments ==
        std::vector<std::string>{"/bin/sh", "-c", "exit 3"});
  CHECK(exec.after.name == "sh");
  const std::string path = std::filesystem::canonical("/bin/sh").string();
  CHECK(exec.after.executable.path == path);
  struct stat file;
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK(exec.after.executable.inode == file.st_ino);
  CHECK(exec.after.executable.device == file.st_dev);
  CHECK(exec.after.executable.modify_time_ns / 1'000'000'000 ==
        static_cast<uint64_t>(file.st_mtim.tv_sec));
  CHECK(exec.after.working_directory ==
        std::filesystem::current_path().string());
  CHECK(exec.after.stdio[0].kind == DescriptorKind::kDevice);
  CHECK(exec.after.stdio[0].path == "/dev/null");
  CHECK(std::any_of(exec.after.environment.begin(),
                    exec.after.environment.end(), [](const auto& variable) {
                      return absl::StartsWith(variable, "GATEWATCH_BIN=");
                    }));
  CHECK(ExitCodes(seen) == std::vector<int>{3});
}

TEST_CASE("a refused open tells its error", "[contract][bpf]") {
  const Folder folder;
  const std::string path = folder.path() + "/secret";
  REQUIRE_WATCHED(seen,
                  {"/bin/sh", "-c",
                   absl::StrCat("umask 777; echo x > ", path,
                                "; exec setpriv --reuid 65534 --clear-groups "
                                "--bounding-set -all --inh-caps -all cat ",
                                path)});
  const auto opens = seen.Of<FileOpened>();
  std::vector<Outcome> outcomes;
  bool created = false;
  for (const Observation* open : opens) {
    const auto& opened = std::get<FileOpened>(open->detail);
    if (opened.file.path != path) continue;
    outcomes.push_back(open->outcome);
    created |= opened.creates;
  }
  REQUIRE(outcomes.size() == 2);
  CHECK(created);
  CHECK(outcomes[0].status == OutcomeStatus::kSucceeded);
  CHECK(outcomes[0].return_value >= 0);
  CHECK(outcomes[1].status == OutcomeStatus::kFailed);
  CHECK(outcomes[1].error == EACCES);
}

TEST_CASE("each call on a file is seen with its path and result",
          "[contract][bpf]") {
  const Folder folder;
  const std::string& at = folder.path();
  REQUIRE_WATCHED(seen, {Program("io_calls"), at});
  REQUIRE(seen.status == 0);
  const Observation* made = OpenOf(seen, at + "/directory/made");
  REQUIRE(made != nullptr);
  const auto& opened = std::get<FileOpened>(made->detail);
  CHECK(opened.creates);
  CHECK(opened.file.raw_path == "made");
  CHECK(opened.file.kind == FileKind::kRegular);
  CHECK(opened.mode == 0640);
  const Observation* again = OpenOf(seen, at + "/directory/made", "openat2");
  REQUIRE(again != nullptr);
  CHECK_FALSE(std::get<FileOpened>(again->detail).creates);
  const Observation* soft = OpenOf(seen, at + "/soft");
  REQUIRE(soft != nullptr);
  CHECK(std::get<FileOpened>(soft->detail).file.resolved_path ==
        at + "/created");
  CHECK(OpenOf(seen, at + "/missing") == nullptr);
  const FileChanged* chmod =
      ChangeOf(seen, FileOperation::kChmod, at + "/directory/made");
  REQUIRE(chmod != nullptr);
  CHECK(chmod->mode == 0755);
  const FileChanged* renamed =
      ChangeOf(seen, FileOperation::kRename, at + "/hard");
  REQUIRE(renamed != nullptr);
  CHECK(renamed->target.path == at + "/renamed");
  CHECK(ChangeOf(seen, FileOperation::kMkdir, at + "/directory") != nullptr);
  CHECK(ChangeOf(seen, FileOperation::kRmdir, at + "/directory") != nullptr);
}

TEST_CASE("sockets are seen with both ends, accept with its peer",
          "[contract][bpf]") {
  REQUIRE_WATCHED(seen, {Program("network_calls")});
  REQUIRE(seen.status == 0);
  const std::string loopback("\x7f\0\0\1", 4);
  const Socket* listening = SocketOf(seen, "listen");
  REQUIRE(listening != nullptr);
  const uint16_t port = listening->local.port;
  CHECK(port != 0);
  const Socket* connected = SocketOf(seen, "connect");
  REQUIRE(connected != nullptr);
  CHECK(connected->family == AF_INET);
  CHECK(connected->type == SOCK_STREAM);
  CHECK(connected->remote.ip == loopback);
  CHECK(connected->remote.port == port);
  const Socket* accepted = SocketOf(seen, "accept4");
  REQUIRE(accepted != nullptr);
  CHECK(accepted->local.port == port);
  CHECK(accepted->remote.ip == loopback);
  CHECK(accepted->remote.port == connected->local.port);
  const Socket* datagram = SocketOf(seen, "sendto");
  REQUIRE(datagram != nullptr);
  CHECK(datagram->type == SOCK_DGRAM);
  CHECK(datagram->remote.port == port);
  CHECK(SocketOf(seen, "socket") != nullptr);
  const auto dups = seen.Of<DescriptorDuplicated>();
  REQUIRE_FALSE(dups.empty());
  const auto& dup = std::get<DescriptorDuplicated>(dups.back()->detail);
  REQUIRE(dup.descriptor.socket.has_value());
  CHECK(dup.descriptor.socket->remote.port == port);
}

TEST_CASE("an exit tells its code or its signal", "[contract][bpf]") {
  REQUIRE_WATCHED(seen, {"/bin/sh", "-c",
                         "(exit 7); (kill -9 $BASHPID); "
                         "sh -c 'kill -15 $$'; exit 0"});
  std::vector<int> signals;
  for (const Observation* exit : seen.Of<ProcessExited>()) {
    const auto& exited = std::get<ProcessExited>(exit->detail);
    CHECK(exited.code.has_value() == (exited.signal == 0));
    if (exited.signal != 0) signals.push_back(exited.signal);
  }
  CHECK(std::count(signals.begin(), signals.end(), SIGTERM) == 1);
  const std::vector<int> codes = ExitCodes(seen);
  CHECK(std::count(codes.begin(), codes.end(), 7) == 1);
}

TEST_CASE("ptrace and a change of user are seen with their results",
          "[contract][bpf]") {
  REQUIRE_WATCHED(seen, {Program("process_calls")});
  REQUIRE(seen.status == 0);
  const auto accesses = seen.Of<ProcessAccessed>();
  REQUIRE(accesses.size() == 1);
  CHECK(accesses[0]->outcome.status == OutcomeStatus::kSucceeded);
  CHECK(std::get<ProcessAccessed>(accesses[0]->detail).request == PTRACE_SEIZE);
  REQUIRE(seen.Of<CredentialsRequested>().size() == 1);
  const auto changes = seen.Of<CredentialsChanged>();
  REQUIRE(changes.size() == 1);
  CHECK(std::get<CredentialsChanged>(changes[0]->detail)
            .credentials.effective_uid == 65534);
  std::vector<int> signals;
  for (const Observation* exit : seen.Of<ProcessExited>()) {
    signals.push_back(std::get<ProcessExited>(exit->detail).signal);
  }
  CHECK(std::count(signals.begin(), signals.end(), SIGKILL) == 1);
}

TEST_CASE("a refused exec is an attempt, a missing one is nothing",
          "[contract][bpf]") {
  REQUIRE_WATCHED(seen, {"/bin/sh", "-c",
                         "/etc/passwd a b; /nonexistent/x; exec /bin/true"});
  std::vector<const Observation*> failed;
  for (const Observation* exec : seen.Of<ProcessExeced>()) {
    CHECK(ExecOf(exec).filename != "/nonexistent/x");
    if (exec->outcome.status == OutcomeStatus::kFailed) failed.push_back(exec);
  }
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]->outcome.error == EACCES);
  CHECK(ExecOf(failed[0]).filename == "/etc/passwd");
  CHECK(ExecOf(failed[0]).after.arguments ==
        std::vector<std::string>{"/etc/passwd", "a", "b"});
}

TEST_CASE("each of a thousand threads' calls is one of the process",
          "[contract][bpf]") {
  REQUIRE_WATCHED(seen, {Program("thousand_threads")});
  REQUIRE(seen.status == 0);
  uint64_t opens = 0;
  for (const Observation* open : seen.Of<FileOpened>()) {
    const auto& opened = std::get<FileOpened>(open->detail);
    if (opened.file.path == "/dev/null") opens += open->count;
  }
  CHECK(opens + Lost(seen, "openat") == 5000);
  CHECK(seen.Of<ProcessExited>().size() == 1);
}

TEST_CASE("each of 100,000 opens is observed or counted as lost",
          "[contract][bpf]") {
  const Folder folder;
  REQUIRE_WATCHED(
      seen, {Program("many_opens"), "1000", folder.path() + "/file", "100"});
  REQUIRE(seen.status == 0);
  uint64_t opens = 0;
  for (const Observation* open : seen.Of<FileOpened>()) {
    const auto& opened = std::get<FileOpened>(open->detail);
    if (absl::StartsWith(opened.file.path, folder.path())) {
      opens += open->count;
    }
  }
  CHECK(opens + Lost(seen, "openat") == 100'000);
  CHECK(opens > 0);  // how many, the machine's load decides
}

TEST_CASE("a pid namespace's processes are seen and no others",
          "[contract][bpf]") {
  // Its first process keeps the namespace alive.
  const Running keeper = Spawn({"/usr/bin/unshare", "--pid", "--fork",
                                "--kill-child", "/bin/sleep", "60"},
                               Output::kDiscard);
  const std::string space =
      absl::StrCat("/proc/", keeper.pid, "/ns/pid_for_children");
  const auto inode_of = [](const std::string& link) {
    struct stat status {};
    ::stat(link.c_str(), &status);
    return status.st_ino;
  };
  const auto own = inode_of("/proc/self/ns/pid");
  AwaitThat([&] { return inode_of(space) != own && inode_of(space) != 0; },
            "no pid namespace came about");
  Collector collector;
  auto probe =
      BpfProbe::Start({.pid_namespace = inode_of(space)}, collector.queue());
  std::vector<Observation> observations;
  if (probe.ok()) {
    collector.Begin([&] { (*probe)->Tick(); });
    CHECK(AwaitExit(Spawn({"/bin/sh", "-c", "exit 9"}, Output::kDiscard).pid) ==
          9);
    CHECK(AwaitExit(Spawn({"/usr/bin/nsenter", absl::StrCat("--pid=", space),
                           "/bin/sh", "-c", "exit 4"},
                          Output::kDiscard)
                        .pid) == 4);
    observations = collector.End([&] { (*probe)->Stop(); });
  }
  ::kill(keeper.pid, SIGKILL);
  AwaitExit(keeper.pid);
  if (!probe.ok()) return Skip(probe.status().ToString());
  Observed seen;
  seen.observations = std::move(observations);
  const Observation* shell = ExecNamed(seen, "sh");
  REQUIRE(shell != nullptr);
  CHECK(ExecOf(shell).after.namespace_pid > 1);
  CHECK(shell->process.pid != ExecOf(shell).after.namespace_pid);
  CHECK(ExitCodes(seen) == std::vector<int>{4});
}

}  // namespace gatewatch::testing
