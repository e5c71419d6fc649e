#include "tests/contract/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/unique_fd.h"
#include "catch2/catch.hpp"

namespace gatewatch::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string BinaryFolder() {
  const char* folder = getenv("GATEWATCH_BIN");
  REQUIRE(folder != nullptr);  // set by ctest
  return folder;
}

std::string FreshSocketName() {
  static std::atomic<int> count{0};
  return absl::StrCat("gatewatch-test-", getpid(), "-", ++count);
}

struct Running {
  pid_t pid = 0;
  UniqueFd output;
};

Running Spawn(std::vector<std::string> command, bool keep_output) {
  int pipe_fds[2];
  REQUIRE(::pipe2(pipe_fds, O_CLOEXEC) == 0);
  UniqueFd read_end(pipe_fds[0]), write_end(pipe_fds[1]);
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  for (const int fd : {1, 2}) {
    if (keep_output) {
      posix_spawn_file_actions_adddup2(&actions, write_end.get(), fd);
    } else {
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    }
  }
  Running running;
  REQUIRE(posix_spawnp(&running.pid, argv[0], &actions, nullptr, argv.data(),
                       environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  running.output = std::move(read_end);
  return running;
}

std::string ReadToEnd(const UniqueFd& fd) {
  std::string text;
  char chunk[4096];
  pollfd readable{fd.get(), POLLIN, 0};
  const absl::Time deadline = absl::Now() + kPatience;
  while (absl::Now() < deadline) {
    if (::poll(&readable, 1, 1000) != 1) continue;
    const ssize_t got = ::read(fd.get(), chunk, sizeof(chunk));
    if (got <= 0) return text;
    text.append(chunk, static_cast<size_t>(got));
  }
  FAIL("the command did not close its output");
  return text;
}

int Await(pid_t pid) {
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

std::vector<std::string> Launched(const std::string& socket,
                                  const std::vector<std::string>& command) {
  std::vector<std::string> launched = {
      absl::StrCat(BinaryFolder(), "/gatewatch-launch"), "--socket", socket,
      "--"};
  launched.insert(launched.end(), command.begin(), command.end());
  return launched;
}

// An agent's capture side: takes what the probes queue, on a thread.
class Observer {
 public:
  Observer() {
    auto server = agent::LaunchServer::Start(socket_, queue_);
    REQUIRE(server.ok());
    server_ = *std::move(server);
    thread_ = std::thread([this] {
      while (!done_) {
        server_->Tick();
        Keep(queue_.Take(absl::Milliseconds(5)));
      }
    });
  }
  ~Observer() { Finish(); }

  const std::string& socket() const { return socket_; }

  // Waits until the workload is gone to its last process.
  void AwaitEmpty() {
    const absl::Time deadline = absl::Now() + kPatience;
    while (server_->counters().workloads > 0) {
      if (absl::Now() > deadline) FAIL("a process of the workload is left");
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  Observed Finish() {
    if (thread_.joinable()) {
      server_->Stop();
      done_ = true;
      queue_.Close();
      thread_.join();
      Keep(queue_.Take(absl::ZeroDuration()));
      observed_.counters = server_->counters();
    }
    return std::move(observed_);
  }

 private:
  void Keep(std::deque<probes::Observation> taken) {
    for (auto& observation : taken) {
      observed_.observations.push_back(std::move(observation));
    }
  }

  const std::string socket_ = FreshSocketName();
  probes::ObservationQueue queue_{100'000};
  std::unique_ptr<agent::LaunchServer> server_;
  std::atomic<bool> done_{false};
  Observed observed_;
  std::thread thread_;
};

}  // namespace

std::string Program(const std::string& name) {
  return absl::StrCat(BinaryFolder(), "/", name);
}

Observed Watch(const std::vector<std::string>& command) {
  Observer observer;
  const Running running =
      Spawn(Launched(observer.socket(), command), /*keep_output=*/false);
  const int status = Await(running.pid);
  observer.AwaitEmpty();
  Observed observed = observer.Finish();
  observed.status = status;
  return observed;
}

Finished RunBare(const std::vector<std::string>& command) {
  const Running running = Spawn(command, /*keep_output=*/true);
  std::string output = ReadToEnd(running.output);
  return {std::move(output), Await(running.pid)};
}

Finished RunWatched(const std::vector<std::string>& command) {
  Observer observer;
  return RunBare(Launched(observer.socket(), command));
}

}  // namespace gatewatch::testing
