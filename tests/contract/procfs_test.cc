// The procfs rung against real programs.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "catch2/catch.hpp"
#include "probes/procfs/procfs_poller.h"

namespace gatewatch::probes {
namespace {

// A shell that runs a program that stays.
class Shell {
 public:
  Shell() {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::execl("/bin/sh", "sh", "-c", "sleep 100; :", nullptr);
      ::_exit(1);
    }
    ::setpgid(pid_, pid_);
  }
  ~Shell() { Kill(); }

  void Kill() {
    if (pid_ == 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

class Watch {
 public:
  Watch() {
    auto started = ProcfsPoller::Start({}, queue_);
    REQUIRE(started.ok());
    poller_ = *std::move(started);
  }

  // The next observation for which it holds.
  template <typename Test>
  Observation Await(Test holds) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (absl::Now() < deadline) {
      for (Observation& each : queue_.Take(absl::Milliseconds(5))) {
        pending_.push_back(std::move(each));
      }
      while (!pending_.empty()) {
        Observation next = std::move(pending_.front());
        pending_.pop_front();
        if (holds(next)) return next;
      }
    }
    FAIL("it was not observed");
    return {};
  }

 private:
  ObservationQueue queue_{100'000};
  std::deque<Observation> pending_;
  std::unique_ptr<ProcfsPoller> poller_;
};

bool IsExecOf(const Observation& observation, absl::string_view program) {
  const auto* execed = std::get_if<ProcessExeced>(&observation.detail);
  return execed != nullptr && execed->confirmed &&
         execed->after.name == program;
}

}  // namespace

TEST_CASE("a program that a shell runs is seen from start to end by polling",
          "[contract][procfs]") {
  Watch watch;
  Shell shell;
  const pid_t pid = shell.pid();
  const Observation exec = watch.Await([&](const Observation& each) {
    return each.process.pid == pid && IsExecOf(each, "sh");
  });
  CHECK(std::get<ProcessExeced>(exec.detail).after.parent.pid == ::getpid());
  const Observation child = watch.Await([&](const Observation& each) {
    return IsExecOf(each, "sleep") &&
           std::get<ProcessExeced>(each.detail).after.parent == exec.process;
  });
  shell.Kill();
  // Both ends are seen, in any order.
  int left = 2;
  while (left > 0) {
    watch.Await([&](const Observation& each) {
      return std::holds_alternative<ProcessExited>(each.detail) &&
             (each.process == exec.process || each.process == child.process);
    });
    --left;
  }
}

}  // namespace gatewatch::probes
