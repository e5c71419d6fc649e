#include "probes/ptrace/ptrace_probe.h"

#include <signal.h>

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status.h"
#include "probes/calls/wake_signal.h"
#include "probes/ptrace/seize_tree.h"

namespace gatewatch::probes {
namespace {

// The thread may be on its way into its wait when it is woken: then it has to
// be woken again.
constexpr absl::Duration kWakeAgain = absl::Milliseconds(1);

// How often to look after processes that were let go: for their end, for the
// end of their time, and for what they start.
constexpr uint64_t kLookIntervalNs = 100'000'000;

}  // namespace

PtraceProbe::PtraceProbe(Tracer::Form form, ObservationQueue& queue)
    : form_(form),
      tracer_(form),
      observer_(ProcessTracker::Ends::kTold, /*ignored=*/0, queue),
      handler_(form, tracer_, proc_, observer_) {
  InstallWakeSignal();
  thread_ = std::thread(&PtraceProbe::Run, this);
}

absl::StatusOr<std::unique_ptr<PtraceProbe>> PtraceProbe::Launch(
    const LaunchedCommand& command, ObservationQueue& queue) {
  std::unique_ptr<PtraceProbe> probe(
      new PtraceProbe(Tracer::Form::kFiltered, queue));
  GATEWATCH_RETURN_IF_ERROR(
      probe->OnTracerThread([&] { return probe->Begin(command); }));
  return probe;
}

std::unique_ptr<PtraceProbe> PtraceProbe::ForAttach(ObservationQueue& queue) {
  return std::unique_ptr<PtraceProbe>(
      new PtraceProbe(Tracer::Form::kEveryCall, queue));
}

PtraceProbe::~PtraceProbe() {
  Stop();
  if (thread_.joinable()) thread_.join();
}

absl::Status PtraceProbe::Attach(pid_t pid) {
  return OnTracerThread([this, pid] { return BeginTree(pid); });
}

absl::Status PtraceProbe::OnTracerThread(std::function<absl::Status()> act) {
  Request request{std::move(act), std::nullopt};
  absl::MutexLock lock(&requests_mutex_);
  const auto is_free = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return request_ == nullptr;
  };
  requests_mutex_.Await(absl::Condition(&is_free));
  if (stopping_) return absl::FailedPreconditionError("the probe is stopped");
  request_ = &request;
  const auto is_answered = [&] { return request.answer.has_value(); };
  do {
    Wake(thread_);
  } while (!requests_mutex_.AwaitWithTimeout(absl::Condition(&is_answered),
                                             kWakeAgain));
  return *std::move(request.answer);
}

void PtraceProbe::ServeRequest() {
  absl::MutexLock lock(&requests_mutex_);
  if (request_ == nullptr) return;
  request_->answer = request_->act();
  request_ = nullptr;
}

void PtraceProbe::AwaitRequest() {
  const auto is_due = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return request_ != nullptr || stopping_ || look_due_;
  };
  absl::MutexLock lock(&requests_mutex_);
  requests_mutex_.Await(absl::Condition(&is_due));
}

void PtraceProbe::Run() {
  bool traced_any = false;
  while (true) {
    ServeRequest();
    // Attached processes run on when this thread ends.
    if (stopping_ && form_ == Tracer::Form::kEveryCall) break;
    if (look_due_.exchange(false)) LookAfterRespites();
    const auto stop = tracer_.Wait();
    if (stop.ok()) {
      traced_any = true;
      finished_ = false;
      Handle(*stop);
    } else if (absl::IsNotFound(stop.status())) {
      finished_ = traced_any && !HasRespites();
      if (stopping_) break;
      AwaitRequest();
    }
  }
  ended_ = true;
}

void PtraceProbe::Handle(const probes::Stop& stop) {
  absl::MutexLock lock(&mutex_);
  if (stop.tid == launched_) {
    if (stop.kind == StopKind::kExited) result_ = {stop.value, 0};
    if (stop.kind == StopKind::kKilled) result_ = {std::nullopt, stop.value};
  }
  handler_.Handle(stop);
}

absl::Status PtraceProbe::Begin(const LaunchedCommand& command) {
  GATEWATCH_ASSIGN_OR_RETURN(const HeldChild child, HoldCommand(command));
  const absl::Status seized = tracer_.Seize(child.pid);
  if (!seized.ok()) {
    ::kill(child.pid, SIGKILL);  // Run() reaps it
    return seized;
  }
  absl::MutexLock lock(&mutex_);
  handler_.Announce(child.pid);
  launched_ = child.pid;
  return absl::OkStatus();  // the child is released
}

absl::Status PtraceProbe::BeginTree(pid_t root) {
  GATEWATCH_ASSIGN_OR_RETURN(const SeizedTree tree,
                             SeizeTree(tracer_, proc_, root));
  absl::MutexLock lock(&mutex_);
  finished_ = false;
  for (const pid_t tid : tree.threads) handler_.Announce(tid);
  for (const pid_t pid : tree.processes) observer_.TakeIn(pid);
  return absl::OkStatus();
}

void PtraceProbe::LookAfterRespites() {
  std::vector<ProcessId> running;
  {
    absl::MutexLock lock(&mutex_);
    running = handler_.respites().running();
  }
  for (const ProcessId& process : running) {
    const auto stat = proc_.Stat(process.pid);
    absl::ReleasableMutexLock lock(&mutex_);
    if (!stat.ok() || stat->start_ticks != process.start_ticks) {
      handler_.respites().Forget(process.pid);
      continue;
    }
    // A zombie is over, unless it is but the first of several threads.
    const bool due = stat->state == 'Z' ||
                     handler_.respites().IsDue(process.pid, MonotonicNanos());
    lock.Release();
    if (due) {
      TakeBack(process);
    } else {
      TakeInChildren(process);
    }
  }
}

// What it starts while it is untraced is untraced too, and no trouble.
void PtraceProbe::TakeInChildren(const ProcessId& process) {
  for (const pid_t child : proc_.Children(process.pid)) {
    {
      absl::MutexLock lock(&mutex_);
      if (handler_.IsTraced(child) || handler_.respites().Has(child)) continue;
    }
    // One that cannot be seized is asked for again with the next look.
    BeginTree(child).IgnoreError();
  }
}

void PtraceProbe::TakeBack(const ProcessId& process) {
  const absl::Status begun = BeginTree(process.pid);
  absl::MutexLock lock(&mutex_);
  if (begun.ok()) {
    handler_.TakeBack(process.pid);
  } else if (absl::IsNotFound(begun)) {
    handler_.respites().Forget(process.pid);
  } else {
    handler_.respites().Extend(process.pid, MonotonicNanos());
  }
}

bool PtraceProbe::HasRespites() {
  absl::MutexLock lock(&mutex_);
  return handler_.respites().any();
}

void PtraceProbe::Tick() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    observer_.Tick();
    if (!handler_.respites().any()) return;
    observer_.NoteLetGo(UnixNanos());
    const uint64_t now = MonotonicNanos();
    if (now < next_look_ns_) return;
    next_look_ns_ = now + kLookIntervalNs;
  }
  absl::MutexLock lock(&requests_mutex_);
  if (stopping_) return;  // the thread may be gone
  look_due_ = true;
  Wake(thread_);  // or, when it is just going to wait, with the next look
}

void PtraceProbe::Stop() {
  {
    absl::MutexLock lock(&requests_mutex_);  // AwaitRequest() looks at it
    stopping_ = true;
  }
  if (form_ == Tracer::Form::kEveryCall && thread_.joinable()) {
    while (!ended_) {
      Wake(thread_);
      absl::SleepFor(kWakeAgain);
    }
    thread_.join();
  }
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  handler_.StopObserving();
  observer_.Finish(finished_);
}

void PtraceProbe::Limit(CaptureLevel level) {
  absl::MutexLock lock(&mutex_);
  observer_.Limit(level);
}

ProbeCounters PtraceProbe::counters() const {
  absl::MutexLock lock(&mutex_);
  return observer_.counters();
}

std::optional<ProcessExited> PtraceProbe::result() const {
  absl::MutexLock lock(&mutex_);
  return result_;
}

}  // namespace gatewatch::probes
