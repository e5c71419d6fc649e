#ifndef GATEWATCH_PROBES_CALLS_PROCESS_TRACKER_H_
#define GATEWATCH_PROBES_CALLS_PROCESS_TRACKER_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/unique_fd.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// An exec that was let go on; whether it came about shows later.
struct PendingExec {
  Observation attempt;  // a ProcessExeced as it was asked for
  uint64_t marker = 0;  // ProcReader::ImageMarker before it
};

struct TrackedProcess {
  ProcessId id;
  UniqueFd pidfd;            // not valid when descriptors ran short
  uint64_t verified_ns = 0;  // monotonic; without pidfd: last seen alive
  absl::flat_hash_set<pid_t> threads;  // those seen, without the first
  // Counts its states: an exec or a change of credentials makes a new one.
  uint32_t state = 0;
  std::optional<PendingExec> pending_exec;
  bool credentials_may_change = false;
  Credentials credentials;
  bool exit_seen = false;
  // It made an observed call, or its parent did; else an ancestor of one that
  // did, known for the lineage's sake.
  bool under_filter = false;
  uint64_t marker_when_let_go = 0;  // ProcReader::ImageMarker; 0: it was not
};

// Knows the processes that make observed calls: recognises each by pid *and*
// start time, tells of those that appear (with their ancestors), and of those
// that end without saying so.
//
// A new process is noticed by its first observed call; a child whose parent
// ends is looked up before the parent is let go, so that its parentage stays
// known. Nothing of fork(2) itself needs to be observed for that.
//
// Threads: not safe.
// Limits:  65,536 processes; of these, as many have a pidfd as half of
//          RLIMIT_NOFILE permits; the others are recognised by reading their
//          start time, and the end of one that does not say so is noticed in
//          its turn, a few hundred of them a sweep.
class ProcessTracker {
 public:
  // How the end of a process that makes observed calls becomes known.
  enum class Ends {
    kInferred,  // nobody says so: it is looked for
    kTold,      // by EndOne(); until then its pid is not used again
  };

  // `emit` receives ProcessStarted and ProcessExited observations.
  // `ignored` is a child of the workload that is none of it: the keeper.
  ProcessTracker(const ProcReader& proc, Ends ends, pid_t ignored,
                 std::function<void(Observation)> emit);

  // The process that thread `tid`, which makes an observed call, belongs to;
  // null when it is gone. Valid until the next call of a method that is not
  // const.
  TrackedProcess* FindByThread(pid_t tid);

  // The tracked process of that pid, whether it still lives or not; null when
  // there is none.
  TrackedProcess* Find(pid_t pid);

  // Takes in a process that was running before, or was let go.
  void TakeIn(pid_t pid);

  // Takes in a child that `parent` has just made, unless it is a thread.
  void AdoptChild(const TrackedProcess& parent, pid_t child);

  // Takes in the children of a process that is about to end.
  void AdoptChildren(const TrackedProcess& parent);

  // Its end is told no more, until it is taken in again.
  void LetGo(pid_t pid);

  // Tells that a process ended as `how` says, and forgets it.
  void EndOne(pid_t pid, const ProcessExited& how);

  // Forgets the processes that ended; tells of those that did not say so.
  // `before_exit` is called for each before its ProcessExited.
  void Sweep(const std::function<void(TrackedProcess&)>& before_exit);

  // As Sweep, for when no process is under the filter any more: all that were
  // have ended, though their pidfds may take another moment to say so.
  void EndAll(const std::function<void(TrackedProcess&)>& before_exit);

  // For all processes that have an exec pending.
  void ForEachPending(const std::function<void(TrackedProcess&)>& visit);
  void AddPending(const TrackedProcess& process);

 private:
  TrackedProcess* FindAlive(pid_t pid);
  TrackedProcess* FindProcessOf(pid_t tid);
  TrackedProcess* Adopt(pid_t pid, ProcessId parent, int depth, bool inventory);
  ProcessId ResolveParent(pid_t parent_pid, int depth);
  bool StillSame(TrackedProcess& process) const;
  bool EndIsTold(const TrackedProcess& process) const;
  void End(const std::vector<pid_t>& pids,
           const std::function<void(TrackedProcess&)>& before_exit);
  void Forget(pid_t pid);
  UniqueFd OpenPidfd(pid_t pid) const;
  std::vector<pid_t> FindEnded() const;

  const ProcReader& proc_;
  const Ends ends_;
  const pid_t ignored_;
  const std::function<void(Observation)> emit_;
  const size_t pidfd_limit_;
  absl::flat_hash_map<pid_t, std::unique_ptr<TrackedProcess>> processes_;
  absl::flat_hash_map<pid_t, pid_t> process_of_thread_;
  absl::flat_hash_set<pid_t> pending_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_PROCESS_TRACKER_H_
