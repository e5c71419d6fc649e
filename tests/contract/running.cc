#include "tests/contract/running.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "catch2/catch.hpp"

namespace gatewatch::testing {
namespace {

struct Pipe {
  Pipe() {
    int fds[2];
    REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    read_end.Reset(fds[0]);
    write_end.Reset(fds[1]);
  }
  UniqueFd read_end, write_end;
};

// Descriptors that a process is to find under other numbers.
using Placed = std::vector<std::pair<const UniqueFd*, int>>;

Running SpawnWith(std::vector<std::string> command, Output output,
                  const Placed& placed) {
  Stdio stdio(output);
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int number = 0; number < 3; ++number) {
    const int fd = stdio.fds()[static_cast<size_t>(number)];
    posix_spawn_file_actions_adddup2(&actions, fd, number);
  }
  for (const auto& [fd, number] : placed) {
    posix_spawn_file_actions_adddup2(&actions, fd->get(), number);
  }
  Running running;
  REQUIRE(posix_spawnp(&running.pid, argv[0], &actions, nullptr, argv.data(),
                       environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  running.output = stdio.TakeOutput();
  return running;
}

}  // namespace

std::string Program(const std::string& name) {
  const char* folder = getenv("GATEWATCH_BIN");
  REQUIRE(folder != nullptr);  // set by ctest
  return absl::StrCat(folder, "/", name);
}

Stdio::Stdio(Output output) : null_(::open("/dev/null", O_RDWR | O_CLOEXEC)) {
  REQUIRE(null_.valid());
  if (output == Output::kDiscard) return;
  Pipe pipe;
  read_end_ = std::move(pipe.read_end);
  write_end_ = std::move(pipe.write_end);
}

Running Spawn(std::vector<std::string> command, Output output) {
  return SpawnWith(std::move(command), output, {});
}

std::string ReadToEnd(const UniqueFd& output) {
  std::string text;
  char chunk[4096];
  pollfd readable{output.get(), POLLIN, 0};
  const absl::Time deadline = absl::Now() + kPatience;
  while (absl::Now() < deadline) {
    if (::poll(&readable, 1, 1000) != 1) continue;
    const ssize_t got = ::read(output.get(), chunk, sizeof(chunk));
    if (got <= 0) return text;
    text.append(chunk, static_cast<size_t>(got));
  }
  FAIL("the command did not close its output");
  return text;
}

int AwaitExit(pid_t pid) {
  const absl::Time deadline = absl::Now() + kPatience;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (absl::Now() > deadline) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      FAIL("the command did not end");
    }
    absl::SleepFor(absl::Milliseconds(1));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void AwaitThat(const std::function<bool()>& holds, const char* otherwise) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!holds()) {
    if (absl::Now() > deadline) FAIL(otherwise);
    absl::SleepFor(absl::Milliseconds(1));
  }
}

HeldCommand::HeldCommand(const std::vector<std::string>& command,
                         Output output) {
  Pipe pid_pipe, release;
  std::vector<std::string> starter = {Program("start_later")};
  starter.insert(starter.end(), command.begin(), command.end());
  // As start_later.cc says.
  parent_ = SpawnWith(std::move(starter), output,
                      {{&pid_pipe.write_end, 3}, {&release.read_end, 4}});
  REQUIRE(::read(pid_pipe.read_end.get(), &pid_, sizeof(pid_)) == sizeof(pid_));
  release_ = std::move(release.write_end);
}

}  // namespace gatewatch::testing
