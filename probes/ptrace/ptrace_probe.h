#ifndef GATEWATCH_PROBES_PTRACE_PTRACE_PROBE_H_
#define GATEWATCH_PROBES_PTRACE_PTRACE_PROBE_H_

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "probes/calls/call_observer.h"
#include "probes/observation.h"
#include "probes/probe.h"
#include "probes/procfs/proc_reader.h"
#include "probes/ptrace/launched_command.h"
#include "probes/ptrace/stop.h"
#include "probes/ptrace/stop_handler.h"
#include "probes/ptrace/tracer.h"

namespace gatewatch::probes {

// Observes processes by ptrace(2), for hosts without seccomp notification:
// the same calls as NotifyProbe, and their outcomes, forks and ends as the
// kernel tells them. Decides and prevents nothing; signals, group stops and
// exit statuses are what they would be without it. While it traces them,
// nobody else can: debuggers and strace are refused.
//
// A process that tracing keeps from getting anything done is let go for a
// while, which is reported as ObservationsLost (second form alone).
//
// Two forms:
//   Launch()     starts a command under a filter that stops the calls of the
//                table only. If the tracer died its processes would be left
//                with calls that fail with ENOSYS: it must outlive them.
//   ForAttach()  traces processes that run already, without a filter: every
//                call stops twice. If the tracer dies, they run on.
//
// Threads:   its own makes all ptrace requests; the methods from any.
// Ownership: the queue must outlive it.
// Full:      as Probe.
class PtraceProbe : public Probe {
 public:
  // The command runs when this returns. `queue` gets its observations.
  static absl::StatusOr<std::unique_ptr<PtraceProbe>> Launch(
      const LaunchedCommand& command, ObservationQueue& queue);

  static std::unique_ptr<PtraceProbe> ForAttach(ObservationQueue& queue);

  // As Stop(); of a launched command, waits for its last process to end.
  ~PtraceProbe() override;

  // For ForAttach(): observes process `pid` with all its threads and its
  // descendants. NotFound when it is gone, FailedPrecondition when somebody
  // else traces it, PermissionDenied when that is not permitted.
  absl::Status Attach(pid_t pid) ABSL_LOCKS_EXCLUDED(requests_mutex_, mutex_);

  void Tick() override ABSL_LOCKS_EXCLUDED(requests_mutex_, mutex_);

  // Lets go of attached processes, which run on. A launched command is not
  // observed any more; its calls are let pass until it has ended.
  void Stop() override ABSL_LOCKS_EXCLUDED(requests_mutex_, mutex_);

  void Limit(CaptureLevel level) override ABSL_LOCKS_EXCLUDED(mutex_);
  ProbeCounters counters() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // No process is traced any more, after there were some.
  bool finished() const { return finished_; }

  // How the launched command itself ended; empty as long as it runs.
  std::optional<ProcessExited> result() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What another thread wants to be done on the tracer's thread.
  struct Request {
    std::function<absl::Status()> act;
    std::optional<absl::Status> answer;
  };

  PtraceProbe(Tracer::Form form, ObservationQueue& queue);

  absl::Status OnTracerThread(std::function<absl::Status()> act)
      ABSL_LOCKS_EXCLUDED(requests_mutex_);

  // On the tracer's thread:
  void Run();
  void ServeRequest() ABSL_LOCKS_EXCLUDED(requests_mutex_);
  void AwaitRequest() ABSL_LOCKS_EXCLUDED(requests_mutex_);
  bool HasRespites() ABSL_LOCKS_EXCLUDED(mutex_);
  void LookAfterRespites() ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeBack(const ProcessId& process) ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeInChildren(const ProcessId& process) ABSL_LOCKS_EXCLUDED(mutex_);
  void Handle(const probes::Stop& stop) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Begin(const LaunchedCommand& command)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status BeginTree(pid_t root) ABSL_LOCKS_EXCLUDED(mutex_);

  const Tracer::Form form_;
  const ProcReader proc_;
  Tracer tracer_;  // its thread's alone
  std::atomic<bool> stopping_{false};
  std::atomic<bool> finished_{false};
  std::atomic<bool> ended_{false};     // the thread
  std::atomic<bool> look_due_{false};  // at the processes that were let go

  mutable absl::Mutex mutex_;
  CallObserver observer_ ABSL_GUARDED_BY(mutex_);
  StopHandler handler_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t next_look_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  pid_t launched_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<ProcessExited> result_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex requests_mutex_;
  Request* request_ ABSL_GUARDED_BY(requests_mutex_) = nullptr;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_PTRACE_PROBE_H_
