#include <signal.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

const ProcessExeced& ExecOf(const Observation* observation) {
  return std::get<ProcessExeced>(observation->detail);
}

const Observation* ExecNamed(const Observed& seen, absl::string_view name) {
  for (const Observation* observation : seen.Of<ProcessExeced>()) {
    if (ExecOf(observation).after.name == name) return observation;
  }
  return nullptr;
}

const ProcessSnapshot* StartOf(const Observed& seen, ProcessId id) {
  for (const Observation* observation : seen.Of<ProcessStarted>()) {
    if (observation->process == id) {
      return &std::get<ProcessStarted>(observation->detail).process;
    }
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

}  // namespace

TEST_CASE("a command is seen to start, execute and exit", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {"/bin/sh", "-c", "exit 3"});
  CHECK(seen.status == 3);
  const auto execs = seen.Of<ProcessExeced>();
  REQUIRE(execs.size() == 1);
  const ProcessExeced& exec = ExecOf(execs[0]);
  CHECK(exec.confirmed);
  CHECK(exec.filename == "/bin/sh");
  CHECK(exec.after.arguments ==
        std::vector<std::string>{"/bin/sh", "-c", "exit 3"});
  CHECK(exec.after.name == "sh");
  CHECK(exec.after.stdio[0].kind == DescriptorKind::kDevice);
  CHECK(std::any_of(exec.after.environment.begin(),
                    exec.after.environment.end(), [](const auto& variable) {
                      return absl::StartsWith(variable, "GATEWATCH_BIN=");
                    }));
  const auto exits = seen.Of<ProcessExited>();
  REQUIRE(exits.size() == 1);
  CHECK(std::get<ProcessExited>(exits[0]->detail).code == 3);
  CHECK(exits[0]->process == execs[0]->process);
}

TEST_CASE("a statically linked command is seen to execute", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {Program("static_hello")});
  const Observation* exec = ExecNamed(seen, "static_hello");
  REQUIRE(exec != nullptr);
  CHECK(ExecOf(exec).confirmed);
}

TEST_CASE("an exec by another thread belongs to the process", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {Program("exec_from_thread")});
  const Observation* exec = ExecNamed(seen, "sh");
  REQUIRE(exec != nullptr);
  CHECK(ExecOf(exec).confirmed);
  CHECK(ExitCodes(seen) == std::vector<int>{5});
}

TEST_CASE("every child of many is seen to start, execute and exit",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {Program("vfork_many")});
  const std::vector<int> codes = ExitCodes(seen);
  CHECK(std::count(codes.begin(), codes.end(), 9) == 200);
  size_t confirmed = 0;
  for (const Observation* exec : seen.Of<ProcessExeced>()) {
    confirmed += ExecOf(exec).confirmed && ExecOf(exec).after.name == "sh";
  }
  CHECK(confirmed == 200);
}

TEST_CASE("a daemon's parent is the process that made it", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {Program("double_fork")});
  const Observation* daemon = ExecNamed(seen, "sh");
  REQUIRE(daemon != nullptr);
  const ProcessSnapshot* start = StartOf(seen, daemon->process);
  REQUIRE(start != nullptr);
  const ProcessSnapshot* middle = StartOf(seen, start->parent);
  REQUIRE(middle != nullptr);
  CHECK(middle->parent == ExecNamed(seen, "double_fork")->process);
}

TEST_CASE("a process that is killed is seen to end", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {"/bin/sh", "-c", "kill -9 $$"});
  CHECK(seen.status == 128 + SIGKILL);
  const auto exits = seen.Of<ProcessExited>();
  REQUIRE(exits.size() == 1);
  const auto& exit = std::get<ProcessExited>(exits[0]->detail);
  CHECK_FALSE(exit.code.has_value());
  CHECK(exit.signal == (rung.knows_signals ? SIGKILL : 0));
}

TEST_CASE("every process that starts ends once, killed at any moment",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen =
      Watch(rung, {"/bin/bash", "-c",
                   "for i in {1..100}; do (while :; do : </dev/null; done) & "
                   "kill -9 $!; done; wait"});
  std::map<pid_t, int> ends;
  for (const Observation* exit : seen.Of<ProcessExited>()) {
    ++ends[exit->process.pid];
  }
  for (const Observation* start : seen.Of<ProcessStarted>()) {
    if (std::get<ProcessStarted>(start->detail).inventory) continue;
    CAPTURE(start->process.pid);
    CHECK(ends[start->process.pid] == 1);
  }
  if (rung.knows_forks) CHECK(ends.size() == 101);
}

TEST_CASE("an exec from memory says so", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {Program("memfd_exec")});
  REQUIRE(seen.status == 0);
  const auto execs = seen.Of<ProcessExeced>();
  REQUIRE(execs.size() == 2);
  const ProcessExeced& exec = ExecOf(execs[1]);
  CHECK(exec.confirmed);
  CHECK(exec.after.executable.in_memory);
  CHECK(exec.after.executable.path == "/memfd:payload");
  CHECK(exec.after.arguments == std::vector<std::string>{"quiet"});
  const auto memory = seen.Of<MemoryFileCreated>();
  REQUIRE(memory.size() == 1);
  CHECK(std::get<MemoryFileCreated>(memory[0]->detail).name == "payload");
}

TEST_CASE("a failed exec is an attempt, a missing one is nothing",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(
      rung, {"/bin/sh", "-c", "/etc/passwd; /nonexistent/x; exec /bin/true"});
  size_t attempts = 0;
  for (const Observation* exec : seen.Of<ProcessExeced>()) {
    CHECK(ExecOf(exec).filename != "/nonexistent/x");
    if (ExecOf(exec).filename != "/etc/passwd") continue;
    CHECK_FALSE(ExecOf(exec).confirmed);
    CHECK(exec->outcome.status == OutcomeStatus::kFailed);
    ++attempts;
  }
  CHECK(attempts == 1);
}

TEST_CASE("ptrace, a change of user and a killed child are seen",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  std::vector<std::string> command = {Program("process_calls")};
  if (!rung.permits_tracing) command.push_back("refused");
  const Observed seen = Watch(rung, command);
  REQUIRE(seen.status == 0);
  const auto accesses = seen.Of<ProcessAccessed>();
  REQUIRE(accesses.size() == 1);
  const auto& access = std::get<ProcessAccessed>(accesses[0]->detail);
  CHECK(access.request == PTRACE_SEIZE);
  if (!rung.permits_tracing) CHECK(accesses[0]->outcome.error == EPERM);
  const auto requests = seen.Of<CredentialsRequested>();
  REQUIRE(requests.size() == 1);
  CHECK(std::get<CredentialsRequested>(requests[0]->detail).uid == 65534);
  const auto changes = seen.Of<CredentialsChanged>();
  REQUIRE(changes.size() == 1);
  CHECK(std::get<CredentialsChanged>(changes[0]->detail)
            .credentials.effective_uid == 65534);
}

TEST_CASE("an argument list of two megabytes is cut and marked", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(
      rung,
      {"/bin/bash", "-c",
       "x=$(head -c 100000 /dev/zero | tr '\\0' a); "
       "exec /bin/true $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x"});
  const Observation* exec = ExecNamed(seen, "true");
  REQUIRE(exec != nullptr);
  CHECK(exec->truncated);
  CHECK(ExecOf(exec).after.arguments_truncated);
  CHECK(ExecOf(exec).after.arguments[0] == "/bin/true");
}

TEST_CASE("a process that deletes its file keeps its name", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const std::string copy = "/tmp/gatewatch-test-delete-self";
  std::filesystem::copy_file(Program("delete_self"), copy,
                             std::filesystem::copy_options::overwrite_existing);
  const Observed seen = Watch(rung, {copy});
  REQUIRE(seen.status == 0);
  CHECK(ExecOf(seen.Of<ProcessExeced>().at(0)).after.executable.path == copy);
  CHECK(ExitCodes(seen) == std::vector<int>{0});
}

}  // namespace gatewatch::testing
