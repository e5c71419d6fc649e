#include "probes/ptrace/stop_handler.h"

#include <cerrno>
#include <utility>

#include "probes/syscalls/table.h"

namespace gatewatch::probes {
namespace {

// A process's end is told by its last stop, with its signal.
bool IsObserved(const TracedCall& call) {
  if (!call.native) return false;
  const SyscallRow* row = FindSyscall(call.number);
  return row != nullptr && row->action != Action::kExit &&
         row->reach == Reach::kEveryRung && IsOfInterest(*row, call.arguments);
}

// The kernel's own results (linux/errno.h), which no program ever sees: a
// signal came, and the call is made again or fails with EINTR.
bool WasInterrupted(int64_t result) {
  constexpr int64_t kRestartSys = 512, kRestartBlock = 516;
  return result <= -kRestartSys && result >= -kRestartBlock;
}

// An interrupted connect(2) goes on without its caller.
bool GoesOn(const CallObserver::Sighting& sighting) {
  return sighting.observation && sighting.observation->syscall == "connect";
}

Outcome OutcomeOf(int64_t result) {
  constexpr int64_t kLargestErrno = 4095;
  Outcome outcome;
  outcome.return_value = result;
  if (result < 0 && result >= -kLargestErrno) {
    outcome.status = OutcomeStatus::kFailed;
    outcome.error = static_cast<int>(-result);
    outcome.return_value = -1;
  } else {
    outcome.status = OutcomeStatus::kSucceeded;
  }
  return outcome;
}

ProcessExited HowEnded(const Stop& stop) {
  ProcessExited how;
  if (stop.kind == StopKind::kExited) {
    how.code = stop.value;
  } else {
    how.signal = stop.value;
  }
  return how;
}

}  // namespace

void StopHandler::Handle(const Stop& stop) {
  switch (stop.kind) {
    case StopKind::kExited:
    case StopKind::kKilled:
      return OnEnd(stop);
    case StopKind::kGroupStop:
      tracees_.FindOrAdd(stop.tid);
      return tracer_.Listen(stop.tid);
    case StopKind::kCall:
    case StopKind::kFilter:
      OnCall(stop.tid);
      break;
    case StopKind::kFork:
      OnFork(stop.tid);
      break;
    case StopKind::kExec:
      OnExec(stop.tid);
      break;
    case StopKind::kTrap:
    case StopKind::kSignal:
      break;
  }
  Resume(stop);
}

void StopHandler::OnCall(pid_t tid) {
  Tracee& tracee = tracees_.FindOrAdd(tid);
  if (!observing_) return;
  const auto call =
      tracer_.ReadCall(tid, tracee.in_call ? Moment::kExit : Moment::kEntry);
  if (!call.ok()) return;  // killed meanwhile
  tracee.in_call = call->moment == Moment::kEntry;
  if (tracee.in_call) {
    OnEntry(tid, *call);
  } else {
    OnExit(tracee, call->result);
  }
}

void StopHandler::OnEntry(pid_t tid, const TracedCall& call) {
  if (!IsObserved(call)) return;
  CallObserver::Sighting sighting =
      observer_.Look({tid, call.number, call.arguments});
  if (sighting.needs_outcome()) {
    tracees_.FindOrAdd(tid).sighting = std::move(sighting);
  } else {
    observer_.Commit(std::move(sighting));
  }
}

void StopHandler::OnExit(Tracee& tracee, int64_t result) {
  CallObserver::Sighting sighting = std::exchange(tracee.sighting, {});
  if (!WasInterrupted(result)) {
    observer_.Commit(std::move(sighting), OutcomeOf(result));
  } else if (GoesOn(sighting)) {
    observer_.Commit(std::move(sighting));
  }
}

void StopHandler::OnFork(pid_t tid) {
  const auto child = tracer_.EventTask(tid);
  if (!child.ok() || !tracees_.Announce(*child)) return;
  if (observing_) observer_.Forked(tid, *child);
}

void StopHandler::OnExec(pid_t tid) {
  const auto former = tracer_.EventTask(tid);
  if (!former.ok()) return;
  if (*former != tid) CommitOpenCall(tracees_.FindOrAdd(tid));
  Tracee& tracee = tracees_.Replace(tid, *former);
  CallObserver::Sighting sighting = std::exchange(tracee.sighting, {});
  if (observing_) observer_.Execed(tid, std::move(sighting));
}

void StopHandler::OnEnd(const Stop& stop) {
  CommitOpenCall(tracees_.FindOrAdd(stop.tid));
  tracees_.Forget(stop.tid);
  // Of a thread that is not the first, the observer knows nothing.
  if (observing_) observer_.Ended(stop.tid, HowEnded(stop));
}

void StopHandler::CommitOpenCall(Tracee& tracee) {
  if (!observing_) return;
  observer_.Commit(std::exchange(tracee.sighting, {}));
}

void StopHandler::StopObserving() {
  tracees_.ForEach([this](Tracee& tracee) { CommitOpenCall(tracee); });
  observing_ = false;
}

void StopHandler::Resume(const Stop& stop) {
  const Tracee& tracee = tracees_.FindOrAdd(stop.tid);
  const int signal = stop.kind == StopKind::kSignal ? stop.value : 0;
  // "Gone" is fine: its end comes next.
  if (form_ == Tracer::Form::kEveryCall || tracee.sighting.needs_outcome()) {
    tracer_.ResumeToCall(stop.tid, signal);
  } else {
    tracer_.Resume(stop.tid, signal);
  }
}

}  // namespace gatewatch::probes
