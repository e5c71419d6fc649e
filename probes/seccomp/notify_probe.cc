#include "probes/seccomp/notify_probe.h"

#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/clock.h"
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

int UsableCpus() {
  cpu_set_t usable;
  return ::sched_getaffinity(0, sizeof(usable), &usable) == 0
             ? CPU_COUNT(&usable)
             : 1;
}

}  // namespace

NotifyProbe::NotifyProbe(UniqueFd listener, NotifySlot& slot, pid_t keeper,
                         ObservationQueue& queue, ProcFallback* fallback)
    : listener_(std::move(listener)),
      slot_(slot),
      cpus_(UsableCpus()),
      has_sync_wake_up_(listener_.SetSyncWakeUp(true)),
      calls_observer_over_(has_sync_wake_up_),
      observer_(ProcessTracker::Ends::kInferred, keeper, queue, fallback),
      load_(cpus_) {
  InstallWakeSignal();
  thread_ = std::thread(&NotifyProbe::Run, this);
}

NotifyProbe::~NotifyProbe() { Stop(); }

void NotifyProbe::Run() {
  while (!stopping_) {
    if (cpus_ > 1 && !calls_observer_over_) LookBeforeSleeping();
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

// A receive that finds a call waiting does not sleep, and its caller need wake
// nobody.
void NotifyProbe::LookBeforeSleeping() {
  const uint64_t begin = MonotonicNanos();
  const uint64_t allowance = spin_.Allowance(begin);
  if (allowance == 0) return;
  pollfd waiting{listener_.get(), POLLIN, 0};
  bool came = false;
  uint64_t took = 0;
  while (!came && took < allowance) {
    came = ::poll(&waiting, 1, 0) != 0;
    // Whoever else can use this CPU comes first; it may be the caller.
    if (!came) ::sched_yield();
    took = MonotonicNanos() - begin;
  }
  spin_.Note(took, came);
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
  ChooseWakeUp();
}

// A CPU that sleeps is what makes waking dear. Where none does, calling the
// observer over to the caller's CPU, and the caller to the observer's, gathers
// on one CPU what would run on several. Measured with make -j2 on two CPUs:
// 1.115 of bare with SYNC_WAKE_UP, 1.093 without, 1.081 with spinning instead.
void NotifyProbe::ChooseWakeUp() {
  const uint64_t calls = slot_.handled.load(std::memory_order_relaxed);
  if (std::exchange(calls_at_last_look_, calls) == calls) return;
  const bool busy = load_.Sample();
  if (!has_sync_wake_up_ || cpus_ == 1) return;
  if (calls_observer_over_.exchange(!busy) != !busy) {
    listener_.SetSyncWakeUp(!busy);
  }
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
