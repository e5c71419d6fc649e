#include "probes/calls/call_observer.h"

#include <cerrno>
#include <utility>

#include "base/clock.h"
#include "base/status.h"
#include "probes/calls/folding.h"
#include "probes/calls/peeked_memory.h"
#include "probes/syscalls/call_group.h"

namespace gatewatch::probes {
namespace {

// An exec whose process makes no other observed call is confirmed this much
// later.
constexpr uint64_t kExecSettlesNs = 2'000'000;
constexpr uint64_t kSweepIntervalNs = 100'000'000;
constexpr pid_t kStandardDescriptors = 3;

// Opening what does not exist is no event. Whether it does was looked at
// before the call; now the kernel has said so.
bool SaysMissing(const Outcome& outcome, const Detail& detail) {
  const auto* opened = std::get_if<FileOpened>(&detail);
  return opened != nullptr && !opened->creates && outcome.error == ENOENT;
}

}  // namespace

CallObserver::CallObserver(ProcessTracker::Ends ends, pid_t ignored,
                           ObservationQueue& queue, ProcFallback* fallback)
    : proc_("/proc", fallback),
      sink_(queue),
      tracker_(proc_, ends, ignored, [this](Observation observation) {
        sink_.Emit(std::move(observation));
      }) {}

CallObserver::Sighting CallObserver::Look(const Call& call) {
  const SyscallRow* row = FindSyscall(call.number);
  if (row == nullptr || call.tid == 0) return {};
  if (level_ != CaptureLevel::kAll &&
      IsLeftOut(GroupOf(*row, call.arguments), level_)) {
    Sighting sighting;
    sighting.kind = Sighting::Kind::kLeftOut;
    sighting.time_ns = UnixNanos();
    sighting.syscall = row->name;
    return sighting;
  }
  TrackedProcess* process = tracker_.FindByThread(call.tid);
  if (process == nullptr) {
    ++counters_.gone;
    return {};
  }
  SettlePending(*process, call.tid);

  Sighting sighting;
  sighting.time_ns = UnixNanos();
  sighting.pid = process->id.pid;
  const PeekedMemory memory(proc_, call.tid);
  FoldTable::Key key{process->id, process->state, call.number};
  if (IsFoldable(row->action)) {
    key.arguments = HashOfRegisters(*row, call.arguments);
    // The cheap way first: an absolute path is its own name.
    key.object = memory.PeekPath(*row, call.arguments);
    if (!key.object.empty()) {
      sighting.repeats = folds_.Find(key, sighting.time_ns);
    }
    if (sighting.repeats != nullptr) {
      sighting.kind = Sighting::Kind::kRepeat;
      return sighting;
    }
  }
  auto decoded = Decode(*row, call.arguments, memory);
  if (!decoded.ok()) {
    CountUnread(decoded.status(), *row, sighting.time_ns);
    return {};  // or a bad pointer: the call fails with EFAULT
  }
  LookAtCall(*row, *std::move(decoded), *process, call.tid, key, sighting);
  return sighting;
}

void CallObserver::LookAtCall(const SyscallRow& row, DecodedCall call,
                              TrackedProcess& process, pid_t tid,
                              FoldTable::Key key, Sighting& sighting) {
  const Caller caller{process.id.pid, tid, process.pidfd.get()};
  Observation& observation = sighting.observation.emplace();
  observation.time_ns = sighting.time_ns;
  observation.process = process.id;
  observation.tid = tid;
  observation.syscall = row.name;
  observation.truncated = call.truncated;
  if (row.action == Action::kExit) {
    // Before it is let go on: afterwards its children are init's.
    tracker_.AdoptChildren(process);
    observation.detail = ProcessExited{call.status};
    sighting.kind = Sighting::Kind::kExit;
    return;
  }
  auto located = Locate(proc_, std::move(call), row, caller);
  if (!located.ok())
    return CountUnread(located.status(), row, sighting.time_ns);
  process.credentials_may_change |= row.action == Action::kSetIds;
  if (row.action == Action::kExec) {
    LookAtExec(*std::move(located), caller, process, sighting);
    return;
  }
  if (IsFoldable(row.action)) {
    if (key.object.empty()) {
      sighting.fold_object = ObjectOf(located->call);
      key.object = sighting.fold_object;
      sighting.repeats = folds_.Find(key, sighting.time_ns);
      if (sighting.repeats != nullptr) {
        sighting.kind = Sighting::Kind::kRepeat;
        return;
      }
    } else {
      sighting.fold_object = std::string(key.object);
    }
    sighting.fold_key = key;
  }
  auto detail = Describe(proc_, row, *std::move(located), caller);
  if (!detail) return;
  observation.detail = *std::move(detail);
  sighting.kind = Sighting::Kind::kObservation;
}

void CallObserver::CountUnread(const absl::Status& why, const SyscallRow& row,
                               uint64_t time_ns) {
  if (absl::IsNotFound(why)) ++counters_.gone;
  if (absl::IsPermissionDenied(why)) {
    sink_.CountUnreadable(row.name, time_ns);
  }
}

void CallObserver::LookAtExec(LocatedCall located, const Caller& caller,
                              const TrackedProcess& process,
                              Sighting& sighting) {
  // Shells and execvp(3) try one folder after another.
  if (!ExecutableExists(proc_, located, caller)) return;
  ProcessExeced execed;
  execed.after.id = process.id;
  execed.after.credentials = process.credentials;
  execed.after.executable.path = located.call.path;
  execed.after.arguments = std::move(located.call.argv);
  execed.after.arguments_truncated = located.call.argv_truncated;
  execed.filename = located.raw_path ? *std::move(located.raw_path)
                                     : std::move(located.call.path);
  sighting.kind = Sighting::Kind::kExecAttempt;
  sighting.observation->detail = std::move(execed);
  sighting.image_marker = proc_.ImageMarker(caller.pid);
}

void CallObserver::Commit(Sighting sighting, const Outcome& outcome) {
  if (sighting.kind == Sighting::Kind::kNothing) return;
  if (sighting.kind == Sighting::Kind::kLeftOut) {
    return sink_.CountThrottled(sighting.syscall, 1, sighting.time_ns);
  }
  ++counters_.observed;
  switch (sighting.kind) {
    case Sighting::Kind::kNothing:
    case Sighting::Kind::kLeftOut:
      return;
    case Sighting::Kind::kRepeat:
      ++counters_.folded;
      FoldTable::CountRepeat(*sighting.repeats, sighting.time_ns);
      return;
    case Sighting::Kind::kObservation:
      return CommitObservation(std::move(sighting), outcome);
    case Sighting::Kind::kExecAttempt:
      return CommitExec(std::move(sighting), outcome);
    case Sighting::Kind::kExit:
      if (TrackedProcess* process = tracker_.Find(sighting.pid)) {
        process->exit_seen = true;
      }
      sink_.Emit(*std::move(sighting.observation));
      return;
  }
}

void CallObserver::CommitObservation(Sighting sighting,
                                     const Outcome& outcome) {
  Observation& observation = *sighting.observation;
  if (SaysMissing(outcome, observation.detail)) return;
  observation.outcome = outcome;
  const bool asks_for_ids =
      std::holds_alternative<CredentialsRequested>(observation.detail);
  if (sighting.fold_key) {
    FoldTable::Key& key = *sighting.fold_key;
    key.object = sighting.fold_object;
    key.error = outcome.error;
    // Another thread's, or one that failed as this did: those are not
    // recognised before their outcome is known.
    if (outcome.status != OutcomeStatus::kUnknown) {
      if (auto* repeats = folds_.Find(key, sighting.time_ns)) {
        ++counters_.folded;
        return FoldTable::CountRepeat(*repeats, sighting.time_ns);
      }
    }
    folds_.Remember(key, observation);
  }
  sink_.Emit(std::move(observation));
  if (!asks_for_ids || outcome.status != OutcomeStatus::kSucceeded) return;
  if (TrackedProcess* process = tracker_.Find(sighting.pid)) {
    SettleCredentials(*process);
  }
}

void CallObserver::CommitExec(Sighting sighting, const Outcome& outcome) {
  if (outcome.status == OutcomeStatus::kFailed) {
    sighting.observation->outcome = outcome;
    return sink_.Emit(*std::move(sighting.observation));
  }
  TrackedProcess* process = tracker_.Find(sighting.pid);
  if (process == nullptr) return;
  process->pending_exec = {*std::move(sighting.observation),
                           sighting.image_marker};
  tracker_.AddPending(*process);
}

void CallObserver::TakeIn(pid_t pid) {
  tracker_.TakeIn(pid);
  TrackedProcess* process = tracker_.Find(pid);
  if (process == nullptr) return;
  const uint64_t before = std::exchange(process->marker_when_let_go, 0);
  if (before == 0) return;
  process->credentials_may_change = true;
  if (proc_.ImageMarker(pid) != before) Execed(pid, {});
}

void CallObserver::Forked(pid_t parent_tid, pid_t child) {
  if (const TrackedProcess* parent = tracker_.FindByThread(parent_tid)) {
    tracker_.AdoptChild(*parent, child);
  }
}

void CallObserver::Execed(pid_t pid, Sighting sighting) {
  TrackedProcess* process = tracker_.FindByThread(pid);
  if (process == nullptr) {
    ++counters_.gone;
    return;
  }
  auto snapshot = proc_.Snapshot(pid);
  if (sighting.kind != Sighting::Kind::kExecAttempt) {
    Observation& observation = sighting.observation.emplace();
    observation.time_ns = UnixNanos();
    observation.process = process->id;
    observation.syscall = "execve";
    ProcessExeced execed;
    if (snapshot.ok()) execed.filename = snapshot->executable.path;
    observation.detail = std::move(execed);
  }
  ++counters_.observed;
  ConfirmExec(*process, *std::move(sighting.observation), std::move(snapshot));
}

void CallObserver::Ended(pid_t pid, const ProcessExited& how) {
  TrackedProcess* process = tracker_.Find(pid);
  if (process == nullptr) return;
  AbandonExec(*process);
  tracker_.EndOne(pid, how);
}

void CallObserver::SettlePending(TrackedProcess& process, pid_t tid) {
  if (process.pending_exec) {
    SettleExec(process, tid);
  }
  if (process.credentials_may_change) SettleCredentials(process);
}

void CallObserver::SettleExec(TrackedProcess& process, pid_t waiting) {
  if (!process.pending_exec) return;
  const uint64_t marker = proc_.ImageMarker(process.id.pid);
  // What waits in a call has a marker: it became what may not be read, if it
  // was not before.
  if (marker == 0 && process.pending_exec->attempt.tid == waiting) {
    return AbandonExec(process);
  }
  const bool changed = marker != 0 && marker != process.pending_exec->marker;
  // Another thread's call says nothing of an exec that is under way.
  const bool failed = !changed && process.pending_exec->attempt.tid == waiting;
  if (!changed && !failed) return;
  auto snapshot = proc_.Snapshot(process.id.pid);
  // Unless a call of the new image waits, the kernel may still be making it:
  // the argument list comes last.
  if (changed && waiting == 0 &&
      (!snapshot.ok() || snapshot->arguments.empty())) {
    return;
  }
  Observation attempt = std::move(process.pending_exec->attempt);
  process.pending_exec.reset();
  if (changed) {
    return ConfirmExec(process, std::move(attempt), std::move(snapshot));
  }
  attempt.outcome.status = OutcomeStatus::kFailed;
  sink_.Emit(std::move(attempt));
}

void CallObserver::ConfirmExec(TrackedProcess& process, Observation attempt,
                               absl::StatusOr<ProcessSnapshot> snapshot) {
  auto& execed = std::get<ProcessExeced>(attempt.detail);
  execed.confirmed = true;
  ++process.state;
  attempt.outcome.status = OutcomeStatus::kSucceeded;
  attempt.tid = process.id.pid;  // whoever called it is the leader now
  if (snapshot.ok()) {
    std::vector<std::string> asked = std::move(execed.after.arguments);
    execed.after = *std::move(snapshot);
    if (execed.after.arguments.empty()) execed.after.arguments = asked;
    process.credentials = execed.after.credentials;
  }
  attempt.truncated |= execed.after.arguments_truncated;
  execed.after.environment = proc_.Environment(process.id.pid);
  const Caller caller{process.id.pid, process.id.pid, process.pidfd.get()};
  for (int fd = 0; fd < kStandardDescriptors; ++fd) {
    execed.after.stdio[static_cast<size_t>(fd)] =
        DescribeDescriptor(proc_, caller, fd);
  }
  sink_.Emit(std::move(attempt));
}

void CallObserver::AbandonExec(TrackedProcess& process) {
  if (!process.pending_exec) return;
  sink_.Emit(std::move(process.pending_exec->attempt));
  process.pending_exec.reset();
}

void CallObserver::SettleCredentials(TrackedProcess& process) {
  process.credentials_may_change = false;
  const auto now = proc_.ReadCredentials(process.id.pid);
  if (!now.ok() || *now == process.credentials) return;
  process.credentials = *now;
  ++process.state;
  Observation observation;
  observation.time_ns = UnixNanos();
  observation.process = process.id;
  observation.tid = process.id.pid;
  observation.outcome.status = OutcomeStatus::kSucceeded;
  observation.detail = CredentialsChanged{*now};
  sink_.Emit(std::move(observation));
}

void CallObserver::Tick() {
  const uint64_t now = UnixNanos();
  tracker_.ForEachPending([&](TrackedProcess& process) {
    if (process.pending_exec &&
        now > process.pending_exec->attempt.time_ns + kExecSettlesNs) {
      SettleExec(process, 0);
    }
  });
  sink_.ReportLost();
  sink_.ReportThrottled(now);
  if (now < next_sweep_ns_) return;
  next_sweep_ns_ = now + kSweepIntervalNs;
  tracker_.Sweep([&](TrackedProcess& process) { AbandonExec(process); });
  for (Observation& repeats : folds_.TakeDue(now)) {
    sink_.Emit(std::move(repeats));
  }
}

void CallObserver::Finish(bool all_ended) {
  for (Observation& repeats : folds_.TakeDue(UnixNanos(), true)) {
    sink_.Emit(std::move(repeats));
  }
  const auto abandon = [&](TrackedProcess& process) { AbandonExec(process); };
  tracker_.ForEachPending([&](TrackedProcess& process) {
    SettleExec(process, 0);
    AbandonExec(process);
  });
  if (all_ended) tracker_.EndAll(abandon);
  tracker_.Sweep(abandon);  // those let go too
  sink_.ReportLost();
  sink_.ReportThrottled(UnixNanos(), /*all=*/true);
}

ProbeCounters CallObserver::counters() const {
  ProbeCounters counters = counters_;
  counters.dropped = sink_.dropped();
  counters.throttled = sink_.throttled();
  return counters;
}

}  // namespace gatewatch::probes
