#include "agent/attach/attacher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/clock.h"

namespace gatewatch::agent {
namespace {

// With the attempt itself, a new process is attached within 50 ms.
constexpr absl::Duration kInterval = absl::Milliseconds(20);
constexpr absl::Duration kIntervalWhileTrying = absl::Milliseconds(2);
constexpr size_t kAttemptLimit = 8;  // at a time

}  // namespace

Attacher::Attacher(Options options)
    : options_(std::move(options)),
      finder_(options_.roots),
      thread_(&Attacher::Run, this) {}

Attacher::~Attacher() {
  {
    absl::MutexLock lock(&mutex_);  // AwaitKinds() looks at it
    stopping_ = true;
  }
  thread_.join();
}

void Attacher::UseKinds(const std::vector<std::string>& kinds) {
  absl::MutexLock lock(&mutex_);
  kinds_ = absl::StrJoin(kinds, ",");
  kinds_known_ = true;
}

void Attacher::AwaitKinds() {
  absl::MutexLock lock(&mutex_);
  const auto goes_on = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return kinds_known_ || stopping_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&goes_on), options_.kinds_patience);
}

std::vector<RootFinder::Root> Attacher::roots() const {
  absl::MutexLock lock(&mutex_);
  return finder_.roots();
}

void Attacher::Run() {
  AwaitKinds();
  while (!stopping_) {
    bool trying = false;
    {
      absl::MutexLock lock(&mutex_);
      StartAttempts(finder_.Find(MonotonicNanos()));
      SettleAttempts();
      version_ = finder_.version();
      trying = !attempts_.empty() || finder_.postponing();
    }
    absl::SleepFor(trying ? kIntervalWhileTrying : kInterval);
  }
}

bool Attacher::Refused(const probes::ProcessId& process) const {
  absl::MutexLock lock(&mutex_);
  return finder_.Refused(process);
}

void Attacher::StartAttempts(const std::vector<pid_t>& found) {
  if (options_.attach) {
    for (const pid_t pid : found) {
      finder_.Settle(pid, options_.attach(pid), MonotonicNanos());
    }
    return;
  }
  waiting_.insert(waiting_.end(), found.begin(), found.end());
  while (!waiting_.empty() && attempts_.size() < kAttemptLimit) {
    const pid_t pid = waiting_.front();
    waiting_.erase(waiting_.begin());
    auto attempt =
        Attempt::Start(options_.launcher, options_.launch_socket, kinds_, pid);
    if (attempt.ok()) {
      attempts_.push_back(*std::move(attempt));
    } else {
      finder_.Settle(pid, attempt.status(), MonotonicNanos());
    }
  }
}

void Attacher::SettleAttempts() {
  std::vector<Attempt> unsettled;
  for (Attempt& attempt : attempts_) {
    const auto result = attempt.Result();
    if (result) {
      finder_.Settle(attempt.pid(), *result, MonotonicNanos(), attempt.kinds());
    }
    (result ? held_ : unsettled).push_back(std::move(attempt));
  }
  attempts_ = std::move(unsettled);
  held_.erase(std::remove_if(held_.begin(), held_.end(),
                             [](Attempt& attempt) { return attempt.Ended(); }),
              held_.end());
}

}  // namespace gatewatch::agent
