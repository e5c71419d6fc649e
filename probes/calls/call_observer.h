#ifndef GATEWATCH_PROBES_CALLS_CALL_OBSERVER_H_
#define GATEWATCH_PROBES_CALLS_CALL_OBSERVER_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "probes/calls/call_describer.h"
#include "probes/calls/fold_table.h"
#include "probes/calls/process_tracker.h"
#include "probes/observation.h"
#include "probes/observation_sink.h"
#include "probes/probe.h"
#include "probes/procfs/proc_reader.h"
#include "probes/syscalls/decoder.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// Makes observations of the calls that a probe holds at their entry. What the
// rungs of capture share: a notification listener calls Look(), lets the call
// go on, and commits it without an outcome; a tracer commits it when it has
// seen the result, and tells of forks, execs and ends as the kernel tells it.
//
// Threads:   not safe; the probe that owns it locks.
// Ownership: the queue must outlive it.
// Full:      as ObservationSink.
// Unreadable: a call whose memory or folder may not be read is reported as
//            lost, by name. One that its registers tell is observed.
class CallObserver {
 public:
  // `ends` is how the ends of observed processes become known. `ignored` is a
  // child of the workload that is none of it (0: there is none). `fallback`:
  // see ProcReader.
  CallObserver(ProcessTracker::Ends ends, pid_t ignored,
               ObservationQueue& queue, ProcFallback* fallback = nullptr);

  // A call of the native architecture that waits at its entry.
  struct Call {
    pid_t tid = 0;
    int number = -1;
    RegisterArguments arguments = {};
  };

  // What a call amounts to, before it has been let go on.
  struct Sighting {
    enum class Kind {
      kNothing,
      kLeftOut,  // not looked at, see Limit()
      kRepeat,
      kObservation,
      kExecAttempt,
      kExit
    };
    Kind kind = Kind::kNothing;
    FoldTable::Call* repeats = nullptr;  // kRepeat; valid until Tick()
    uint64_t time_ns = 0;
    absl::string_view syscall;  // kLeftOut
    std::optional<FoldTable::Key> fold_key;
    std::string fold_object;  // what the key borrows
    std::optional<Observation> observation;
    uint64_t image_marker = 0;
    pid_t pid = 0;

    // Whether what becomes of the call makes a difference. Where not, Commit()
    // it at once.
    bool needs_outcome() const {
      return kind == Kind::kObservation || kind == Kind::kExecAttempt;
    }
  };

  // Reads what a waiting call is about. A sighting that is not committed (the
  // call was interrupted, or its process killed) leaves no trace.
  Sighting Look(const Call& call);

  // The call was carried out, with that outcome. An exec whose outcome is not
  // known is settled later, by a look at the process.
  void Commit(Sighting sighting, const Outcome& outcome = {});

  // A process is observed from here on that was running before. If it was let
  // go, what it has become meanwhile is told.
  void TakeIn(pid_t pid);

  // Thread `parent_tid` made `child`; a new thread is no news.
  void Forked(pid_t parent_tid, pid_t child);

  // The process has become what the exec in `sighting` asked for; pass an
  // empty one for an exec that was not seen at its entry.
  void Execed(pid_t pid, Sighting sighting);

  void Ended(pid_t pid, const ProcessExited& how);

  // The process goes on unobserved; TakeIn() when it is observed again.
  void LetGo(pid_t pid) { tracker_.LetGo(pid); }

  // Calls of processes that were let go may happen just now, unseen.
  void NoteLetGo(uint64_t time_ns) { sink_.NoteLetGo(time_ns); }

  // As Probe::Limit().
  void Limit(CaptureLevel level) { level_ = level; }

  // As Probe::Tick().
  void Tick();

  // Emits all that is still open. `all_ended`: no observed process is left.
  void Finish(bool all_ended);

  ProbeCounters counters() const;

 private:
  void LookAtCall(const SyscallRow& row, DecodedCall call,
                  TrackedProcess& process, pid_t tid, FoldTable::Key key,
                  Sighting& sighting);
  void CountUnread(const absl::Status& why, const SyscallRow& row,
                   uint64_t time_ns);
  void LookAtExec(LocatedCall located, const Caller& caller,
                  const TrackedProcess& process, Sighting& sighting);
  void CommitObservation(Sighting sighting, const Outcome& outcome);
  void CommitExec(Sighting sighting, const Outcome& outcome);
  void SettlePending(TrackedProcess& process, pid_t tid);
  // `waiting` is the thread whose call is being looked at; 0: none.
  void SettleExec(TrackedProcess& process, pid_t waiting);
  void ConfirmExec(TrackedProcess& process, Observation attempt,
                   absl::StatusOr<ProcessSnapshot> snapshot);
  void AbandonExec(TrackedProcess& process);
  void SettleCredentials(TrackedProcess& process);

  const ProcReader proc_;
  ObservationSink sink_;
  ProcessTracker tracker_;
  FoldTable folds_;
  CaptureLevel level_ = CaptureLevel::kAll;
  ProbeCounters counters_;
  uint64_t next_sweep_ns_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_CALL_OBSERVER_H_
