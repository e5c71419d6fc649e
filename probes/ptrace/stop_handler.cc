#include "probes/ptrace/stop_handler.h"

#include <sys/syscall.h>

#include <cerrno>
#include <utility>

#include "base/clock.h"
#include "probes/ptrace/seize_tree.h"
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

bool IsSignalReturn(const TracedCall& call) {
  return call.native && call.number == SYS_rt_sigreturn;
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
    case StopKind::kTrap:
      break;
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
    case StopKind::kSignal:
      OnSignal(stop.tid);
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
    tracee.returns = IsSignalReturn(*call);
    OnEntry(tid, *call);
  } else {
    tracee.signals.LeftCall(tracee.returns, call->place);
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

void StopHandler::OnSignal(pid_t tid) {
  if (form_ != Tracer::Form::kEveryCall || !observing_) return;
  const auto at = tracer_.ReadCall(tid, Moment::kEntry);
  if (!at.ok()) return;  // killed meanwhile
  if (tracees_.FindOrAdd(tid).signals.Interrupted(at->place)) {
    LetGoOfProcess(tid);
  }
}

void StopHandler::OnFork(pid_t tid) {
  const auto child = tracer_.EventTask(tid);
  if (!child.ok() || !tracees_.Announce(*child)) return;
  if (const pid_t pid = tracees_.FindOrAdd(tid).leaves_with; pid != 0) {
    const auto status = proc_.Status(*child);
    if (status.ok() && status->thread_group == pid) SendAway(*child, pid);
  }
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
  respites_.Forget(stop.tid);
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

void StopHandler::LetGoOfProcess(pid_t tid) {
  const auto status = proc_.Status(tid);
  if (!status.ok()) return;
  const pid_t pid = status->thread_group;
  const auto stat = proc_.Stat(pid);
  if (!stat.ok()) return;
  respites_.Begin({pid, stat->start_ticks}, MonotonicNanos());
  for (const pid_t thread : ThreadsOf(pid)) SendAway(thread, pid);
}

// At its next stop. A thread that has not been seen yet is announced by one
// that has.
void StopHandler::SendAway(pid_t tid, pid_t pid) {
  Tracee* tracee = tracees_.Find(tid);
  if (tracee == nullptr) return;
  tracee->leaves_with = pid;
  tracer_.Interrupt(tid);
}

void StopHandler::TakeBack(pid_t pid) {
  respites_.End(pid, MonotonicNanos());
  tracees_.ForEach([pid](Tracee& tracee) {
    if (tracee.leaves_with == pid) tracee.leaves_with = 0;
  });
}

void StopHandler::LetGo(const Stop& stop) {
  Tracee& tracee = tracees_.FindOrAdd(stop.tid);
  CommitOpenCall(tracee);
  observer_.LetGo(tracee.leaves_with);
  tracees_.Forget(stop.tid);
  tracer_.LetGo(stop.tid, stop.kind == StopKind::kSignal ? stop.value : 0);
}

void StopHandler::Resume(const Stop& stop) {
  const Tracee& tracee = tracees_.FindOrAdd(stop.tid);
  if (tracee.leaves_with != 0) return LetGo(stop);
  if (stop.kind == StopKind::kGroupStop) return tracer_.Listen(stop.tid);
  const int signal = stop.kind == StopKind::kSignal ? stop.value : 0;
  // "Gone" is fine: its end comes next.
  if (form_ == Tracer::Form::kEveryCall || tracee.sighting.needs_outcome()) {
    tracer_.ResumeToCall(stop.tid, signal);
  } else {
    tracer_.Resume(stop.tid, signal);
  }
}

}  // namespace gatewatch::probes
