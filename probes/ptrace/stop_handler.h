#ifndef GATEWATCH_PROBES_PTRACE_STOP_HANDLER_H_
#define GATEWATCH_PROBES_PTRACE_STOP_HANDLER_H_

#include <sys/types.h>

#include <cstdint>

#include "probes/calls/call_observer.h"
#include "probes/procfs/proc_reader.h"
#include "probes/ptrace/respites.h"
#include "probes/ptrace/stop.h"
#include "probes/ptrace/tracee_table.h"
#include "probes/ptrace/tracer.h"

namespace gatewatch::probes {

// Decides what a stop of a tracee means, tells the observer, and lets the
// tracee run on. A call's exit is waited for only where its outcome makes a
// difference (or where every call stops anyway).
//
// A process with a thread that its signals keep from getting anywhere, because
// they come faster than they can be traced, is let go for a while. Not one
// under a filter, which without a tracer would be worse off.
//
// Threads:   the tracer's; whoever shares the observer locks.
// Ownership: tracer, reader and observer must outlive it.
class StopHandler {
 public:
  StopHandler(Tracer::Form form, Tracer& tracer, const ProcReader& proc,
              CallObserver& observer)
      : form_(form), tracer_(tracer), proc_(proc), observer_(observer) {}

  void Handle(const Stop& stop);

  // The thread was seized.
  void Announce(pid_t tid) { tracees_.Announce(tid); }

  // Those let go; whoever looks after them seizes them again in their time.
  Respites& respites() { return respites_; }
  // The process was seized again.
  void TakeBack(pid_t pid);
  bool IsTraced(pid_t pid) { return tracees_.Find(pid) != nullptr; }

  // From now on tracees only run on; the observer is not told anything. Calls
  // whose outcome was waited for are committed without one.
  void StopObserving();

 private:
  void OnCall(pid_t tid);
  void OnEntry(pid_t tid, const TracedCall& call);
  void OnExit(Tracee& tracee, int64_t result);
  void OnSignal(pid_t tid);
  void OnFork(pid_t tid);
  void OnExec(pid_t tid);
  void OnEnd(const Stop& stop);
  void CommitOpenCall(Tracee& tracee);
  void Resume(const Stop& stop);
  void LetGoOfProcess(pid_t tid);
  void SendAway(pid_t tid, pid_t pid);
  void LetGo(const Stop& stop);

  const Tracer::Form form_;
  Tracer& tracer_;
  const ProcReader& proc_;
  CallObserver& observer_;
  TraceeTable tracees_;
  Respites respites_;
  bool observing_ = true;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_STOP_HANDLER_H_
