#ifndef GATEWATCH_PROBES_PTRACE_STOP_H_
#define GATEWATCH_PROBES_PTRACE_STOP_H_

#include <sys/types.h>

namespace gatewatch::probes {

// Why a seized tracee reports: the closed set of what ptrace(2) can say with
// the options that Tracer sets.
enum class StopKind {
  kExited,     // `value` is the exit code
  kKilled,     // `value` is the signal
  kCall,       // entry or exit of a system call
  kFilter,     // entry of a call that the filter traces
  kFork,       // it made a process or a thread
  kExec,       // it has a new image
  kGroupStop,  // it is stopped as by SIGSTOP, and is to stay so
  kTrap,       // it is new, was interrupted, or continues after a group stop
  kSignal,     // `value` is about to be delivered
};

struct Stop {
  pid_t tid = 0;
  StopKind kind = StopKind::kTrap;
  int value = 0;
};

// Decodes what waitpid(2) gave for `tid`.
Stop DecodeStop(pid_t tid, int status);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_STOP_H_
