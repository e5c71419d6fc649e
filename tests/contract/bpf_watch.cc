#include "tests/contract/bpf_watch.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "probes/bpf/bpf_probe.h"

namespace gatewatch::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

// In the child: waits for the word to go, then becomes the command.
[[noreturn]] void Become(int go, const std::vector<char*>& argv) {
  const int null = ::open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) ::dup2(null, fd);
  char byte;
  if (::read(go, &byte, 1) != 1) ::_exit(126);
  ::close(go);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

struct Waiting {
  pid_t pid = 0;
  UniqueFd go;  // write a byte
};

Waiting Prepare(std::vector<std::string> command, int clone_flags) {
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int fds[2];
  REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
  const UniqueFd read_end(fds[0]);
  Waiting waiting{0, UniqueFd(fds[1])};
  waiting.pid = static_cast<pid_t>(::syscall(SYS_clone, clone_flags | SIGCHLD,
                                             nullptr, nullptr, nullptr, 0));
  REQUIRE(waiting.pid >= 0);
  if (waiting.pid == 0) Become(read_end.get(), argv);
  return waiting;
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
  return status;
}

// Takes what the probe queues, on a thread, and ticks it, as an agent does.
class Taker {
 public:
  Taker(probes::Probe& probe, probes::ObservationQueue& queue)
      : probe_(probe), queue_(queue), thread_([this] { Run(); }) {}

  std::vector<probes::Observation> Finish() {
    probe_.Stop();
    done_ = true;
    queue_.Close();
    thread_.join();
    Keep(queue_.Take(absl::ZeroDuration()));
    return std::move(observations_);
  }

 private:
  void Run() {
    while (!done_) {
      probe_.Tick();
      Keep(queue_.Take(absl::Milliseconds(5)));
    }
  }

  void Keep(std::deque<probes::Observation> taken) {
    for (auto& observation : taken) {
      observations_.push_back(std::move(observation));
    }
  }

  probes::Probe& probe_;
  probes::ObservationQueue& queue_;
  std::atomic<bool> done_{false};
  std::vector<probes::Observation> observations_;
  std::thread thread_;
};

}  // namespace

probes::BpfScope RootScope(pid_t pid) { return {.root_pid = pid}; }

absl::StatusOr<BpfObserved> BpfWatch(const std::vector<std::string>& command,
                                     const ScopeOf& scope, int clone_flags) {
  const Waiting waiting = Prepare(command, clone_flags);
  probes::ObservationQueue queue{500'000};
  auto probe = probes::BpfProbe::Start(scope(waiting.pid), queue);
  if (!probe.ok()) {
    ::kill(waiting.pid, SIGKILL);
    ::waitpid(waiting.pid, nullptr, 0);
    return probe.status();
  }
  Taker taker(**probe, queue);
  REQUIRE(::write(waiting.go.get(), "g", 1) == 1);
  BpfObserved observed;
  observed.wait_status = Await(waiting.pid);
  observed.observations = taker.Finish();
  observed.counters = (*probe)->counters();
  return observed;
}

}  // namespace gatewatch::testing
