#include "agent/launch/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace gatewatch::agent {
namespace {

constexpr int kUsageError = 2;
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kFirstPauseNs = kSecondNs / 10;
constexpr uint64_t kLongestPauseNs = 10 * kSecondNs;
// A worker that lived this long begins anew with the shortest pause.
constexpr uint64_t kGoodLifeNs = 60 * kSecondNs;
constexpr uint64_t kUnwellNs = 10 * kSecondNs;
// It says nothing before it is up, which may take long on a busy machine.
constexpr uint64_t kStartNs = 60 * kSecondNs;
// Default stacks of 8 MiB would count as data, one for each thread.
constexpr rlim_t kThreadStack = 1 << 20;

sigset_t WatchedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

class Supervisor {
 public:
  explicit Supervisor(const Supervision& supervision)
      : supervision_(supervision), signals_(WatchedSignals()) {}

  int Run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    ::sigprocmask(SIG_BLOCK, &signals_, &mask_before_);
    while (!status_ || others_left_) {
      if (worker_ == 0 && !status_ && MonotonicNanos() >= start_at_ns_) {
        StartWorker();
      }
      HandleSignal();
      ReapChildren();
      WatchHealth();
    }
    return *status_;
  }

 private:
  void StartWorker() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Postpone();
    UniqueFd well(ends[0]), tell(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) BecomeWorker(tell.get());
    if (child < 0) return Postpone();
    worker_ = child;
    health_ = std::move(well);
    started_ns_ = MonotonicNanos();
    last_well_ns_ = 0;
    others_left_ = true;
  }

  [[noreturn]] void BecomeWorker(int tell) {
    ::fcntl(tell, F_SETFD, 0);
    char number[16];
    snprintf(number, sizeof(number), "%d", tell);
    ::setenv(kSupervisorVariable, number, 1);
    if (supervision_.memory_limit > 0) {
      const rlimit stack{kThreadStack, kThreadStack};
      const rlimit data{supervision_.memory_limit, supervision_.memory_limit};
      ::setrlimit(RLIMIT_STACK, &stack);
      ::setrlimit(RLIMIT_DATA, &data);
    }
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    ::execv(supervision_.command[0], supervision_.command);
    fprintf(stderr, "gatewatch: cannot execute %s: %s\n",
            supervision_.command[0], strerror(errno));
    ::_exit(kUsageError);
  }

  void Postpone() {
    start_at_ns_ = MonotonicNanos() + pause_ns_;
    pause_ns_ = std::min(2 * pause_ns_, kLongestPauseNs);
  }

  void HandleSignal() {
    timespec wait{1, 0};
    if (worker_ == 0 && !status_) wait = {0, 20'000'000};
    siginfo_t info;
    const int signal = ::sigtimedwait(&signals_, &info, &wait);
    if (signal != SIGTERM && signal != SIGINT) return;
    asked_to_end_ = true;
    if (worker_ != 0) {
      ::kill(worker_, signal);
    } else if (!status_) {
      status_ = 0;
    }
  }

  void ReapChildren() {
    int status = 0;
    pid_t pid;
    while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid == worker_) OnWorkerEnded(status);
    }
    others_left_ = pid == 0;
  }

  void OnWorkerEnded(int wait_status) {
    worker_ = 0;
    health_.Reset();
    const int status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                                : WEXITSTATUS(wait_status);
    if (asked_to_end_ || status == 0 || status == kUsageError) {
      status_ = status;
      return;
    }
    if (MonotonicNanos() - started_ns_ > kGoodLifeNs) pause_ns_ = kFirstPauseNs;
    fprintf(stderr,
            "gatewatch: the agent ended with status %d; starting it "
            "again\n",
            status);
    Postpone();
  }

  void WatchHealth() {
    if (worker_ == 0) return;
    char beats[64];
    if (::read(health_.get(), beats, sizeof(beats)) > 0) {
      last_well_ns_ = MonotonicNanos();
    }
    const uint64_t now = MonotonicNanos();
    const bool hangs = last_well_ns_ != 0 ? now - last_well_ns_ > kUnwellNs
                                          : now - started_ns_ > kStartNs;
    if (hangs) {
      fputs("gatewatch: the agent hangs; ending it\n", stderr);
      ::kill(worker_, SIGKILL);
      last_well_ns_ = MonotonicNanos();
    }
  }

  const Supervision& supervision_;
  const sigset_t signals_;
  sigset_t mask_before_;
  pid_t worker_ = 0;  // 0: none runs
  UniqueFd health_;
  uint64_t started_ns_ = 0;
  uint64_t last_well_ns_ = 0;  // 0: not yet
  uint64_t start_at_ns_ = 0;
  uint64_t pause_ns_ = kFirstPauseNs;
  bool asked_to_end_ = false;
  bool others_left_ = false;
  std::optional<int> status_;  // once there will be no worker any more
};

}  // namespace

int Supervise(const Supervision& supervision) {
  return Supervisor(supervision).Run();
}

}  // namespace gatewatch::agent
