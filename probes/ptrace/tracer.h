#ifndef GATEWATCH_PROBES_PTRACE_TRACER_H_
#define GATEWATCH_PROBES_PTRACE_TRACER_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "probes/ptrace/registers.h"
#include "probes/ptrace/stop.h"

namespace gatewatch::probes {

// The calls of ptrace(2) and waitpid(2) that the ptrace rung makes, and
// nowhere else. Any tracee can die at any moment: NotFound then, and its end
// comes from Wait().
//
// Threads: the kernel knows a tracer by its thread. All calls come from the
//          one thread that seized; when it ends, the kernel lets go of its
//          tracees, which run on.
class Tracer {
 public:
  enum class Form {
    kFiltered,   // tracees have a filter that traces the calls of interest
    kEveryCall,  // without a filter: all calls stop
  };
  explicit Tracer(Form form) : form_(form) {}

  // From now on the thread, and what it makes, reports to Wait(). It runs on;
  // interrupt it to see its calls where there is no filter.
  absl::Status Seize(pid_t tid) const;
  void Interrupt(pid_t tid) const;

  // The next report of a tracee, or the end of a child of this thread.
  // Unavailable: a signal came instead. NotFound: there are no tracees.
  absl::StatusOr<Stop> Wait() const;

  // The call at whose entry or exit the tracee is stopped; elsewhere only its
  // place. `expected` is believed on kernels that do not say (before Linux
  // 5.3).
  absl::StatusOr<TracedCall> ReadCall(pid_t tid, Moment expected);

  // After kFork: the new thread or process. After kExec: the thread that
  // called exec, before it took the place of the first.
  absl::StatusOr<pid_t> EventTask(pid_t tid) const;

  // Lets a stopped tracee run on, with that signal (0: none): until its next
  // call's entry or exit, or else until anything of interest happens.
  void ResumeToCall(pid_t tid, int signal) const;
  void Resume(pid_t tid, int signal) const;

  // Traces a stopped tracee no more. It runs on, with that signal, or stays in
  // its group stop.
  void LetGo(pid_t tid, int signal) const;

  // Leaves a tracee in its group stop, but awake to SIGCONT.
  void Listen(pid_t tid) const;

 private:
  const Form form_;
  bool kernel_tells_calls_ = true;  // until it said otherwise
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_TRACER_H_
