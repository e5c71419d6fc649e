#include "probes/seccomp/notify_probe.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"
#include "probes/calls/wake_signal.h"

namespace gatewatch::probes {
namespace {

CallObserver::Call CallOf(const seccomp_notif& notification) {
  CallObserver::Call call;
  call.tid = static_cast<pid_t>(notification.pid);
  call.number = notification.data.nr;
  std::copy(std::begin(notification.data.args),
            std::end(notification.data.args), call.arguments.begin());
  return call;
}

bool HungUp(int fd) {
  pollfd poll_fd{fd, 0, 0};
  return ::poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLHUP) != 0;
}

}  // namespace

NotifyProbe::NotifyProbe(UniqueFd listener, NotifySlot& slot, pid_t keeper,
                         ObservationQueue& queue, ProcFallback* fallback)
    : listener_(std::move(listener)),
      slot_(slot),
      observer_(ProcessTracker::Ends::kInferred, keeper, queue, fallback) {
  InstallWakeSignal();
  listener_.EnableSyncWakeUp();
  thread_ = std::thread(&NotifyProbe::Run, this);
}

NotifyProbe::~NotifyProbe() { Stop(); }

void NotifyProbe::Run() {
  while (!stopping_) {
    const absl::Status received = listener_.Receive(slot_);
    if (received.ok()) {
      Handle();
    } else if (absl::IsNotFound(received) && HungUp(listener_.get())) {
      break;
    } else if (!absl::IsNotFound(received) && !absl::IsUnavailable(received)) {
      break;  // the listener is broken; its keeper answers
    }
  }
  finished_ = true;
}

void NotifyProbe::Handle() {
  absl::MutexLock lock(&mutex_);
  CallObserver::Sighting sighting = observer_.Look(CallOf(slot_.notification));
  const absl::Status continued = listener_.Continue(slot_.notification.id);
  slot_.notification.id = 0;
  slot_.handled.fetch_add(1, std::memory_order_relaxed);
  // A call that does not wait any more was interrupted, and comes again, or
  // its process was killed. If it still waited, all that was read by its pid
  // was read of the right process.
  if (continued.ok()) observer_.Commit(std::move(sighting));
}

void NotifyProbe::Tick() {
  absl::MutexLock lock(&mutex_);
  observer_.Tick();
}

void NotifyProbe::Stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    while (!finished_) {
      Wake(thread_);
      absl::SleepFor(absl::Milliseconds(1));
    }
    thread_.join();
  }
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  observer_.Finish(HungUp(listener_.get()));
}

void NotifyProbe::Limit(CaptureLevel level) {
  absl::MutexLock lock(&mutex_);
  observer_.Limit(level);
}

ProbeCounters NotifyProbe::counters() const {
  absl::MutexLock lock(&mutex_);
  return observer_.counters();
}

}  // namespace gatewatch::probes
