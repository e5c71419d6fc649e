#ifndef GATEWATCH_PROBES_SECCOMP_NOTIFY_PROBE_H_
#define GATEWATCH_PROBES_SECCOMP_NOTIFY_PROBE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "probes/calls/call_describer.h"
#include "probes/calls/fold_table.h"
#include "probes/calls/process_tracker.h"
#include "probes/observation.h"
#include "probes/probe.h"
#include "probes/procfs/proc_reader.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::probes {

// Observes every process under one seccomp filter: receives its calls, reads
// what they are about while they wait, lets them go on, and queues what it
// saw. Always answers CONTINUE; decides and prevents nothing.
//
// Threads:   one of its own answers; Tick(), Stop() and counters() from any.
// Ownership: the queue and the slot must outlive it. The slot is memory that
//            the keeper of the listener shares, see NotifySlot.
// Full:      when the queue is full, observations are dropped, counted by
//            call and reported as ObservationsLost when there is room.
class NotifyProbe : public Probe {
 public:
  // `keeper` is the process that shares the slot and keeps a copy of the
  // listener; it is no part of the workload.
  NotifyProbe(UniqueFd listener, NotifySlot& slot, pid_t keeper,
              ObservationQueue& queue);
  ~NotifyProbe() override;  // as Stop()

  // Emits what is due by time: repeats, the results of execs, ends of
  // processes that no call announced, losses.
  void Tick() override ABSL_LOCKS_EXCLUDED(mutex_);

  // Stops answering and emits what is still open. The keeper has to answer
  // from then on.
  void Stop() override ABSL_LOCKS_EXCLUDED(mutex_);

  // No process is under the filter any more.
  bool finished() const { return finished_; }
  ProbeCounters counters() const override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What a received call amounts to, before it has been let go on.
  struct Sighting {
    enum class Kind { kNothing, kRepeat, kObservation, kExecAttempt, kExit };
    Kind kind = Kind::kNothing;
    FoldTable::Call* repeats = nullptr;  // kRepeat
    uint64_t time_ns = 0;                // kRepeat
    std::optional<FoldTable::Key> fold_key;
    std::string fold_object;  // what the key borrows
    std::optional<Observation> observation;
    uint64_t image_marker = 0;
    pid_t pid = 0;
  };

  void Run();
  void Handle() ABSL_LOCKS_EXCLUDED(mutex_);
  Sighting Look(const seccomp_notif& notification)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookAtCall(const SyscallRow& row, DecodedCall call,
                  TrackedProcess& process, pid_t tid, FoldTable::Key key,
                  Sighting& sighting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookAtExec(LocatedCall located, const Caller& caller,
                  const TrackedProcess& process, Sighting& sighting)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Commit(Sighting sighting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SettlePending(TrackedProcess& process, pid_t tid)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `waiting` is the thread whose call is being looked at; 0: none.
  void SettleExec(TrackedProcess& process, pid_t waiting)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AbandonExec(TrackedProcess& process)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SettleCredentials(TrackedProcess& process)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Emit(Observation observation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountLost(const Observation& observation)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReportLost() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake();

  const NotifyFd listener_;
  NotifySlot& slot_;
  ObservationQueue& queue_;
  const ProcReader proc_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> finished_{false};

  mutable absl::Mutex mutex_;
  ProcessTracker tracker_ ABSL_GUARDED_BY(mutex_);
  FoldTable folds_ ABSL_GUARDED_BY(mutex_);
  ProbeCounters counters_ ABSL_GUARDED_BY(mutex_);
  ObservationsLost lost_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_sweep_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_NOTIFY_PROBE_H_
