#include "probes/ptrace/tracer.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/status.h"

namespace gatewatch::probes {
namespace {

// TRACESYSGOOD is also what makes the death of a tracer harmless: a tracee
// that stops at a call takes what its stop left behind for a signal, and
// there is no signal 133. Never PTRACE_O_EXITKILL.
constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                          PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                          PTRACE_O_TRACEEXEC;

long Request(__ptrace_request request, pid_t tid, long address, long data) {
  return ::ptrace(request, tid, address, data);
}

}  // namespace

absl::Status Tracer::Seize(pid_t tid) const {
  // Not without a filter of ours: one of the workload's own is not ours to
  // answer for.
  const long options =
      form_ == Form::kFiltered ? kOptions | PTRACE_O_TRACESECCOMP : kOptions;
  if (Request(PTRACE_SEIZE, tid, 0, options) != 0) {
    return ErrnoStatus(errno, "PTRACE_SEIZE", tid);
  }
  return absl::OkStatus();
}

void Tracer::Interrupt(pid_t tid) const {
  Request(PTRACE_INTERRUPT, tid, 0, 0);
}

absl::StatusOr<Stop> Tracer::Wait() const {
  int status = 0;
  // Not the children of other threads of this process: they are none of ours.
  const pid_t tid = ::waitpid(-1, &status, __WALL | __WNOTHREAD);
  if (tid > 0) return DecodeStop(tid, status);
  if (errno == EINTR) return absl::UnavailableError("interrupted");
  return absl::NotFoundError("no tracees");
}

absl::StatusOr<TracedCall> Tracer::ReadCall(pid_t tid, Moment expected) {
  if (kernel_tells_calls_) {
    __ptrace_syscall_info info{};
    if (Request(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info),
                reinterpret_cast<long>(&info)) > 0) {
      return CallOf(info);
    }
    if (errno != EIO) return ErrnoStatus(errno, "GET_SYSCALL_INFO", tid);
    kernel_tells_calls_ = false;
  }
  user_regs_struct registers{};
  iovec into{&registers, sizeof(registers)};
  if (Request(PTRACE_GETREGSET, tid, NT_PRSTATUS,
              reinterpret_cast<long>(&into)) != 0) {
    return ErrnoStatus(errno, "PTRACE_GETREGSET", tid);
  }
  return CallOf(registers, expected);
}

absl::StatusOr<pid_t> Tracer::EventTask(pid_t tid) const {
  unsigned long message = 0;
  if (Request(PTRACE_GETEVENTMSG, tid, 0, reinterpret_cast<long>(&message)) !=
      0) {
    return ErrnoStatus(errno, "PTRACE_GETEVENTMSG", tid);
  }
  return static_cast<pid_t>(message);
}

void Tracer::ResumeToCall(pid_t tid, int signal) const {
  Request(PTRACE_SYSCALL, tid, 0, signal);
}

void Tracer::Resume(pid_t tid, int signal) const {
  Request(PTRACE_CONT, tid, 0, signal);
}

void Tracer::LetGo(pid_t tid, int signal) const {
  Request(PTRACE_DETACH, tid, 0, signal);
}

void Tracer::Listen(pid_t tid) const { Request(PTRACE_LISTEN, tid, 0, 0); }

}  // namespace gatewatch::probes
