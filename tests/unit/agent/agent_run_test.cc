// The whole agent, with a real launcher and a real workload.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "agent/launch_command.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "tests/fakes/ingest_server.h"
#include "tests/support/skip.h"

namespace gatewatch::agent {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

class Fixture {
 public:
  explicit Fixture(bool inventory = false)
      : Fixture([inventory] {
          AgentOptions options;
          options.inventory = inventory;
          return options;
        }()) {}
  explicit Fixture(AgentOptions options) {
    SetLogLevel(LogLevel::kError);
    server.Start();
    options.analyzer = server.address();
    options.launch_socket = socket_;
    auto started = Agent::Start(std::move(options));
    REQUIRE(started.ok());
    agent = *std::move(started);
  }

  int Run(std::vector<std::string> command) {
    const auto status =
        RunLaunchCommand({.launch_socket = socket_, .command = command});
    REQUIRE(status.ok());
    return *status;
  }

  // Ends the agent and returns all that arrived.
  std::vector<v1::Event> Finish() {
    REQUIRE(agent->Stop(kPatience));
    CHECK(server.violations() == std::vector<std::string>());
    return server.ExpectEvents(0);
  }

  const std::string& socket() const { return socket_; }

  testing::FakeIngestServer server;
  std::unique_ptr<Agent> agent;

 private:
  const std::string socket_ = absl::StrCat("gatewatch-test-", ::getpid());
};

// A shell that does its work when it is told to.
class Workload {
 public:
  Workload() {
    int to[2], from[2];
    REQUIRE(::pipe2(to, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(from, O_CLOEXEC) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      ::execl("/bin/sh", "sh", "-c",
              "read go; cat /etc/passwd >/dev/null; chmod 600 /dev/null/x "
              "2>/dev/null; f=$(mktemp); chmod 600 $f; rm $f; echo done",
              nullptr);
      ::_exit(127);
    }
    input_ = UniqueFd(to[1]);
    output_ = UniqueFd(from[0]);
    ::close(to[0]);
    ::close(from[1]);
  }
  ~Workload() {
    input_.Reset();
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }

  // Returns when it is done.
  void Work() const {
    REQUIRE(::write(input_.get(), "\n", 1) == 1);
    char said[5];
    CHECK(::read(output_.get(), said, sizeof(said)) == 5);
  }

 private:
  pid_t pid_ = 0;
  UniqueFd input_;
  UniqueFd output_;
};

// The events up to the one that says that the process was attached to; none
// when that was refused.
std::vector<v1::Event> AwaitAttached(testing::FakeIngestServer& server) {
  for (size_t count = 3;; ++count) {
    std::vector<v1::Event> events = server.ExpectEvents(count);
    REQUIRE(events.size() >= count);  // else ten seconds have passed
    for (const v1::Event& event : events) {
      if (event.coverage().roots().empty()) continue;
      if (event.coverage().roots(0).method() != "attach") return {};
      return events;
    }
  }
}

bool Opens(const v1::Event& event, const std::string& path) {
  return event.file_open().file().path() == path;
}

}  // namespace

TEST_CASE("a command's calls arrive between the agent's start and stop",
          "[agent]") {
  Fixture fixture;
  CHECK(fixture.Run({"/bin/sh", "-c", "cat /etc/passwd >/dev/null; exit 7"}) ==
        7);
  const std::vector<v1::Event> events = fixture.Finish();
  REQUIRE(events.size() > 4);
  CHECK(events[0].has_agent_start());
  CHECK(events[1].has_coverage());
  CHECK(events.back().has_agent_stop());
  CHECK(std::any_of(events.begin(), events.end(), [](const v1::Event& event) {
    return Opens(event, "/etc/passwd");
  }));
  CHECK(std::any_of(events.begin(), events.end(), [](const v1::Event& event) {
    return event.process_exec().filename() == "/usr/bin/cat" ||
           event.process_exec().filename() == "/bin/cat";
  }));
  CHECK(fixture.server.ExpectGoodbye() == "stopped");
}

TEST_CASE("the processes that run already are reported", "[agent]") {
  Fixture fixture(/*inventory=*/true);
  const std::vector<v1::Event> events = fixture.Finish();
  CHECK(std::any_of(events.begin(), events.end(), [](const v1::Event& event) {
    return event.process_start().inventory() && event.tid() == ::getpid();
  }));
}

TEST_CASE("more than the rate permits is throttled and told", "[agent]") {
  AgentOptions options;
  REQUIRE(ChangeRateLimit("open-read=1", options.rate_limits).ok());
  Fixture fixture(options);
  CHECK(fixture.Run({"/bin/sh", "-c",
                     "for i in 1 2 3 4 5 6 7 8 9 10; do read x </etc/passwd; "
                     "read x </etc/group; read x </etc/hosts; cat /dev/null; "
                     "done; exit 0"}) == 0);
  uint64_t throttled = 0;
  int execs = 0;
  for (const v1::Event& event : fixture.Finish()) {
    execs += event.has_process_exec() ? 1 : 0;
    if (event.loss().reason() != v1::Loss::REASON_THROTTLED) continue;
    REQUIRE(event.loss().counts_size() == 1);
    CHECK(event.loss().counts(0).kind() == "open");
    throttled += event.loss().counts(0).count();
  }
  CHECK(throttled > 0);
  CHECK(execs == 11);
}

TEST_CASE("what is attached to observes what the analyzer wants alone",
          "[agent]") {
  testing::FakeIngestServer server;
  server.GivePolicy({"open", "no-such-kind"});
  server.Start();
  const Workload workload;
  const std::string socket = absl::StrCat("gatewatch-policy-", ::getpid());
  auto agent = Agent::Start({.analyzer = server.address(),
                             .launch_socket = socket,
                             .attach_pids = {workload.pid()},
                             .rung = Rung::kAttach,
                             .inventory = false});
  REQUIRE(agent.ok());
  const auto events = AwaitAttached(server);
  if (events.empty()) return testing::Skip("attaching is not possible here");
  workload.Work();
  REQUIRE((*agent)->Stop(kPatience));
  int opens = 0, chmods = 0, execs = 0;
  for (const v1::Event& event : server.ExpectEvents(0)) {
    opens += Opens(event, "/etc/passwd") ? 1 : 0;
    execs += event.has_process_exec() ? 1 : 0;
    chmods += event.file_change().operation() == v1::FileChange::OPERATION_CHMOD
                  ? 1
                  : 0;
  }
  CHECK(opens > 0);
  CHECK(execs > 0);
  CHECK(chmods == 0);
}

TEST_CASE("a command runs as well when no analyzer is there", "[agent]") {
  Fixture fixture;
  fixture.server.Stop();
  CHECK(fixture.Run({"/bin/sh", "-c", "exit 3"}) == 3);
  CHECK_FALSE(fixture.agent->Stop(absl::ZeroDuration()));
}

TEST_CASE("a second agent on the same launch socket is refused", "[agent]") {
  Fixture fixture;
  const auto second = Agent::Start({.analyzer = fixture.server.address(),
                                    .launch_socket = fixture.socket()});
  CHECK(second.status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("an analyzer elsewhere is refused at the start", "[agent]") {
  const auto agent = Agent::Start({.analyzer = "analyzer.example.com:7443"});
  CHECK(agent.status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace gatewatch::agent
