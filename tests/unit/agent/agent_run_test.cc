// The whole agent, with a real launcher and a real workload.

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "agent/launch_command.h"
#include "base/log.h"
#include "catch2/catch.hpp"
#include "tests/fakes/ingest_server.h"

namespace gatewatch::agent {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

class Fixture {
 public:
  explicit Fixture(bool inventory = false) {
    SetLogLevel(LogLevel::kError);
    server.Start();
    auto started = Agent::Start({.analyzer = server.address(),
                                 .launch_socket = socket_,
                                 .inventory = inventory});
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
