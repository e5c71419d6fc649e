#include "agent/launch_command.h"

#include <signal.h>
#include <unistd.h>

#include <thread>

#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

// No agent listens there: the launcher runs the command regardless.
int Run(std::vector<std::string> command) {
  const auto status = RunLaunchCommand(
      {.launch_socket = "gatewatch-test-nobody", .command = command});
  REQUIRE(status.ok());
  return *status;
}

}  // namespace

TEST_CASE("a launched command's exit status is returned", "[agent]") {
  CHECK(Run({"/bin/sh", "-c", "exit 0"}) == 0);
  CHECK(Run({"/bin/sh", "-c", "exit 37"}) == 37);
}

TEST_CASE("a command ended by a signal returns 128 and its number", "[agent]") {
  CHECK(Run({"/bin/sh", "-c", "kill -KILL $$"}) == 128 + SIGKILL);
}

TEST_CASE("a signal to end goes to the command", "[agent]") {
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  std::thread sender([&] {
    char byte = 0;
    while (::read(ready[0], &byte, 1) < 0) {
    }
    ::kill(::getpid(), SIGTERM);
  });
  const std::string script = "trap 'exit 5' TERM; echo >&" +
                             std::to_string(ready[1]) +
                             "; while :; do sleep 0.01; done";
  const int status = Run({"/bin/sh", "-c", script});
  sender.join();
  ::close(ready[0]);
  ::close(ready[1]);
  CHECK(status == 5);
}

TEST_CASE("signals are as before when the command has ended", "[agent]") {
  struct sigaction before = {};
  struct sigaction after = {};
  ::sigaction(SIGTERM, nullptr, &before);
  Run({"/bin/true"});
  ::sigaction(SIGTERM, nullptr, &after);
  CHECK(before.sa_handler == after.sa_handler);
}

TEST_CASE("no command is an error", "[agent]") {
  CHECK(RunLaunchCommand({}).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

}  // namespace gatewatch::agent
