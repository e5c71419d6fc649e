#include "probes/seccomp/notify_probe.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/status.h"
#include "probes/calls/peeked_memory.h"
#include "probes/syscalls/decoder.h"
#include "probes/syscalls/remote_memory.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {
namespace {

// An exec whose process makes no other observed call is confirmed this much
// later.
constexpr uint64_t kExecSettlesNs = 2'000'000;
constexpr uint64_t kSweepIntervalNs = 100'000'000;
constexpr pid_t kStandardDescriptors = 3;

// Interrupts a wait for a call; does nothing else. Ignored by default, so
// that one that comes late is harmless.
constexpr int kWakeSignal = SIGURG;

void InstallWakeSignal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // no SA_RESTART: it has to interrupt
  ::sigaction(kWakeSignal, &action, nullptr);
}

// Calls that a process makes over and over on the same object.
bool IsFoldable(Action action) {
  switch (action) {
    case Action::kOpen:
    case Action::kConnect:
    case Action::kSendTo:
    case Action::kAccept:
    case Action::kMkdir:
      return true;
    default:
      return false;
  }
}

// What a foldable call is made on, beside its registers.
std::string ObjectOf(const DecodedCall& call) {
  return absl::StrCat(call.path, absl::string_view("\0", 1), call.address.ip,
                      ":", call.address.port, call.address.path);
}

RegisterArguments ArgumentsOf(const seccomp_data& data) {
  RegisterArguments arguments;
  std::copy(std::begin(data.args), std::end(data.args), arguments.begin());
  return arguments;
}

bool HungUp(int fd) {
  pollfd poll_fd{fd, 0, 0};
  return ::poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLHUP) != 0;
}

}  // namespace

NotifyProbe::NotifyProbe(UniqueFd listener, NotifySlot& slot, pid_t keeper,
                         ObservationQueue& queue)
    : listener_(std::move(listener)),
      slot_(slot),
      queue_(queue),
      tracker_(proc_, keeper,
               [this](Observation observation)
                   ABSL_NO_THREAD_SAFETY_ANALYSIS {  // called by methods of
                     Emit(std::move(observation));   // tracker_, so locked
                   }) {
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
  Sighting sighting = Look(slot_.notification);
  const absl::Status continued = listener_.Continue(slot_.notification.id);
  slot_.notification.id = 0;
  slot_.handled.fetch_add(1, std::memory_order_relaxed);
  // A call that does not wait any more was interrupted, and comes again, or
  // its process was killed. If it still waited, all that was read by its pid
  // was read of the right process.
  if (continued.ok()) Commit(std::move(sighting));
}

NotifyProbe::Sighting NotifyProbe::Look(const seccomp_notif& notification) {
  const SyscallRow* row = FindSyscall(notification.data.nr);
  const auto tid = static_cast<pid_t>(notification.pid);
  if (row == nullptr || tid == 0) return {};
  TrackedProcess* process = tracker_.FindByThread(tid);
  if (process == nullptr) {
    ++counters_.gone;
    return {};
  }
  SettlePending(*process, tid);

  Sighting sighting;
  sighting.time_ns = UnixNanos();
  sighting.pid = process->id.pid;
  const RegisterArguments arguments = ArgumentsOf(notification.data);
  const PeekedMemory memory(tid);
  FoldTable::Key key{process->id, process->state, notification.data.nr};
  if (IsFoldable(row->action)) {
    key.arguments = HashOfRegisters(*row, arguments);
    // The cheap way first: an absolute path is its own name.
    key.object = memory.PeekPath(*row, arguments);
    if (!key.object.empty()) {
      sighting.repeats = folds_.Find(key, sighting.time_ns);
    }
    if (sighting.repeats != nullptr) {
      sighting.kind = Sighting::Kind::kRepeat;
      return sighting;
    }
  }
  auto call = Decode(*row, arguments, memory);
  if (!call.ok()) {
    if (absl::IsNotFound(call.status())) ++counters_.gone;
    return {};  // or a bad pointer: the call fails with EFAULT
  }
  LookAtCall(*row, *std::move(call), *process, tid, key, sighting);
  return sighting;
}

void NotifyProbe::LookAtCall(const SyscallRow& row, DecodedCall call,
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
  if (!located.ok()) return;
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

void NotifyProbe::LookAtExec(LocatedCall located, const Caller& caller,
                             const TrackedProcess& process,
                             Sighting& sighting) {
  // Shells and execvp(3) try one folder after another.
  if (!ExecutableExists(located, caller)) return;
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

void NotifyProbe::Commit(Sighting sighting) {
  switch (sighting.kind) {
    case Sighting::Kind::kNothing:
      return;
    case Sighting::Kind::kRepeat:
      ++counters_.observed;
      ++counters_.folded;
      FoldTable::CountRepeat(*sighting.repeats, sighting.time_ns);
      return;
    case Sighting::Kind::kObservation:
      ++counters_.observed;
      if (sighting.fold_key) {
        sighting.fold_key->object = sighting.fold_object;
        folds_.Remember(*sighting.fold_key, *sighting.observation);
      }
      Emit(*std::move(sighting.observation));
      return;
    case Sighting::Kind::kExecAttempt:
      ++counters_.observed;
      if (TrackedProcess* process = tracker_.Find(sighting.pid)) {
        process->pending_exec = {*std::move(sighting.observation),
                                 sighting.image_marker};
        tracker_.AddPending(*process);
      }
      return;
    case Sighting::Kind::kExit:
      ++counters_.observed;
      if (TrackedProcess* process = tracker_.Find(sighting.pid)) {
        process->exit_seen = true;
      }
      Emit(*std::move(sighting.observation));
      return;
  }
}

void NotifyProbe::SettlePending(TrackedProcess& process, pid_t tid) {
  if (process.pending_exec) {
    SettleExec(process, tid);
  }
  if (process.credentials_may_change) SettleCredentials(process);
}

void NotifyProbe::SettleExec(TrackedProcess& process, pid_t waiting) {
  if (!process.pending_exec) return;
  const uint64_t marker = proc_.ImageMarker(process.id.pid);
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
  Observation observation = std::move(process.pending_exec->attempt);
  process.pending_exec.reset();
  auto& execed = std::get<ProcessExeced>(observation.detail);
  execed.confirmed = changed;
  if (!changed) {
    observation.outcome.status = OutcomeStatus::kFailed;
    Emit(std::move(observation));
    return;
  }
  ++process.state;
  observation.outcome.status = OutcomeStatus::kSucceeded;
  observation.tid = process.id.pid;  // whoever called it is the leader now
  if (snapshot.ok()) {
    std::vector<std::string> asked = std::move(execed.after.arguments);
    execed.after = *std::move(snapshot);
    if (execed.after.arguments.empty()) execed.after.arguments = asked;
    process.credentials = execed.after.credentials;
  }
  observation.truncated |= execed.after.arguments_truncated;
  execed.after.environment = proc_.Environment(process.id.pid);
  const Caller caller{process.id.pid, process.id.pid, process.pidfd.get()};
  for (int fd = 0; fd < kStandardDescriptors; ++fd) {
    execed.after.stdio[static_cast<size_t>(fd)] =
        DescribeDescriptor(proc_, caller, fd);
  }
  Emit(std::move(observation));
}

void NotifyProbe::AbandonExec(TrackedProcess& process) {
  if (!process.pending_exec) return;
  Emit(std::move(process.pending_exec->attempt));
  process.pending_exec.reset();
}

void NotifyProbe::SettleCredentials(TrackedProcess& process) {
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
  Emit(std::move(observation));
}

void NotifyProbe::Emit(Observation observation) {
  if (!queue_.TryPush(std::move(observation))) CountLost(observation);
}

void NotifyProbe::CountLost(const Observation& observation) {
  ++counters_.dropped;
  lost_.reason = LossReason::kQueueFull;
  const std::string syscall(observation.syscall);
  auto count =
      std::find_if(lost_.counts.begin(), lost_.counts.end(),
                   [&](const auto& entry) { return entry.syscall == syscall; });
  if (count == lost_.counts.end()) {
    count = lost_.counts.insert(count, {syscall, 0});
  }
  count->count += observation.count;
  if (lost_.since_ns == 0) lost_.since_ns = observation.time_ns;
  lost_.until_ns = observation.time_ns;
}

void NotifyProbe::ReportLost() {
  if (lost_.counts.empty()) return;
  Observation observation;
  observation.time_ns = lost_.since_ns;
  observation.detail = lost_;
  if (queue_.TryPush(std::move(observation))) lost_ = {};
}

void NotifyProbe::Tick() {
  absl::MutexLock lock(&mutex_);
  const uint64_t now = UnixNanos();
  tracker_.ForEachPending(
      [&](TrackedProcess& process) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        if (process.pending_exec &&
            now > process.pending_exec->attempt.time_ns + kExecSettlesNs) {
          SettleExec(process, 0);
        }
      });
  ReportLost();
  if (now < next_sweep_ns_) return;
  next_sweep_ns_ = now + kSweepIntervalNs;
  tracker_.Sweep([&](TrackedProcess& process)
                     ABSL_NO_THREAD_SAFETY_ANALYSIS { AbandonExec(process); });
  for (Observation& repeats : folds_.TakeDue(now)) Emit(std::move(repeats));
}

void NotifyProbe::Stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    while (!finished_) {
      ::pthread_kill(thread_.native_handle(), kWakeSignal);
      absl::SleepFor(absl::Milliseconds(1));
    }
    thread_.join();
  }
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  for (Observation& repeats : folds_.TakeDue(UnixNanos(), true)) {
    Emit(std::move(repeats));
  }
  tracker_.ForEachPending([&](TrackedProcess& process)
                              ABSL_NO_THREAD_SAFETY_ANALYSIS {
                                SettleExec(process, 0);
                                AbandonExec(process);
                              });
  const auto abandon =
      [&](TrackedProcess& process)
          ABSL_NO_THREAD_SAFETY_ANALYSIS { AbandonExec(process); };
  if (HungUp(listener_.get())) {
    tracker_.EndAll(abandon);
  } else {
    tracker_.Sweep(abandon);
  }
  ReportLost();
}

ProbeCounters NotifyProbe::counters() const {
  absl::MutexLock lock(&mutex_);
  return counters_;
}

}  // namespace gatewatch::probes
