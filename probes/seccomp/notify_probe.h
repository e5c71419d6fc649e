#ifndef GATEWATCH_PROBES_SECCOMP_NOTIFY_PROBE_H_
#define GATEWATCH_PROBES_SECCOMP_NOTIFY_PROBE_H_

#include <atomic>
#include <cstdint>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "probes/calls/call_observer.h"
#include "probes/observation.h"
#include "probes/probe.h"
#include "probes/seccomp/cpu_load.h"
#include "probes/seccomp/notify_fd.h"
#include "probes/seccomp/spin_policy.h"

namespace gatewatch::probes {

// Observes every process under one seccomp filter: receives its calls, reads
// what they are about while they wait, lets them go on, and queues what it
// saw. Always answers CONTINUE; decides and prevents nothing.
//
// Threads:   one of its own answers; Tick(), Stop() and counters() from any.
// Ownership: queue, slot and fallback must outlive it. The slot is memory that
//            the keeper of the listener shares, see NotifySlot.
// Full:      when the queue is full, observations are dropped, counted by
//            call and reported as ObservationsLost when there is room.
class NotifyProbe : public Probe {
 public:
  // `keeper` is the process that shares the slot and keeps a copy of the
  // listener; it is no part of the workload. `fallback`: see ProcReader.
  NotifyProbe(UniqueFd listener, NotifySlot& slot, pid_t keeper,
              ObservationQueue& queue, ProcFallback* fallback = nullptr);
  ~NotifyProbe() override;  // as Stop()

  // Emits what is due by time: repeats, the results of execs, ends of
  // processes that no call announced, losses.
  void Tick() override ABSL_LOCKS_EXCLUDED(mutex_);

  // Stops answering and emits what is still open. The keeper has to answer
  // from then on.
  void Stop() override ABSL_LOCKS_EXCLUDED(mutex_);

  // No process is under the filter any more.
  bool finished() const { return finished_; }
  void Limit(CaptureLevel level) override ABSL_LOCKS_EXCLUDED(mutex_);
  ProbeCounters counters() const override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  void ChooseWakeUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookBeforeSleeping();
  void Handle() ABSL_LOCKS_EXCLUDED(mutex_);

  const NotifyFd listener_;
  NotifySlot& slot_;
  const int cpus_;  // that this process may use
  const bool has_sync_wake_up_;
  std::atomic<bool> calls_observer_over_;  // SYNC_WAKE_UP is on
  SpinPolicy spin_;                        // the thread's
  std::atomic<bool> stopping_{false};
  std::atomic<bool> finished_{false};

  mutable absl::Mutex mutex_;
  CallObserver observer_ ABSL_GUARDED_BY(mutex_);
  CpuLoad load_ ABSL_GUARDED_BY(mutex_);
  uint64_t calls_at_last_look_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_NOTIFY_PROBE_H_
