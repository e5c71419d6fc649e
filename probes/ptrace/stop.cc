#include "probes/ptrace/stop.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

namespace gatewatch::probes {
namespace {

constexpr int kCallStop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD

// PTRACE_EVENT_STOP says by its signal which of two things it is.
StopKind KindOfEventStop(int signal) {
  return signal == SIGTRAP ? StopKind::kTrap : StopKind::kGroupStop;
}

StopKind KindOf(int event, int signal) {
  switch (event) {
    case 0:
      return signal == kCallStop ? StopKind::kCall : StopKind::kSignal;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      return StopKind::kFork;
    case PTRACE_EVENT_EXEC:
      return StopKind::kExec;
    case PTRACE_EVENT_SECCOMP:
      return StopKind::kFilter;
    case PTRACE_EVENT_STOP:
      return KindOfEventStop(signal);
    default:  // an event that no option of ours asks for
      return StopKind::kTrap;
  }
}

}  // namespace

Stop DecodeStop(pid_t tid, int status) {
  if (WIFEXITED(status)) return {tid, StopKind::kExited, WEXITSTATUS(status)};
  if (WIFSIGNALED(status)) return {tid, StopKind::kKilled, WTERMSIG(status)};
  const int signal = WSTOPSIG(status);
  const StopKind kind = KindOf(status >> 16, signal);
  return {tid, kind, kind == StopKind::kSignal ? signal : 0};
}

}  // namespace gatewatch::probes
