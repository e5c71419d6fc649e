#include "probes/seccomp/stopped_thread.h"

#include <elf.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"

namespace gatewatch::probes {
namespace {

constexpr absl::Duration kPollInterval = absl::Microseconds(50);
// Longer than an interrupted thread needs unless it cannot be interrupted.
constexpr absl::Duration kReleasePatience = absl::Milliseconds(100);

bool IsCallBoundary(int status) {
  return WSTOPSIG(status) == (SIGTRAP | 0x80);  // PTRACE_O_TRACESYSGOOD
}

// PTRACE_INTERRUPT's, and a group-stop's (ptrace(2), "Group-stop").
bool IsEventStop(int status) { return status >> 16 == PTRACE_EVENT_STOP; }

bool IsGroupStop(int status) {
  return IsEventStop(status) && WSTOPSIG(status) != SIGTRAP;
}

void* AsPointer(uint64_t value) { return reinterpret_cast<void*>(value); }

}  // namespace

StoppedThread::StoppedThread(StoppedThread&& other) noexcept
    : tid_(std::exchange(other.tid_, 0)),
      stopped_(other.stopped_),
      delivered_signals_(other.delivered_signals_) {}

StoppedThread::~StoppedThread() {
  if (tid_ == 0) return;
  if (!stopped_ && !Interrupt(kReleasePatience).ok()) return;
  ::ptrace(PTRACE_DETACH, tid_, nullptr, nullptr);
}

absl::StatusOr<StoppedThread> StoppedThread::Seize(pid_t tid,
                                                   absl::Duration patience) {
  if (::ptrace(PTRACE_SEIZE, tid, nullptr, AsPointer(PTRACE_O_TRACESYSGOOD)) !=
      0) {
    return ErrnoStatus(errno, "PTRACE_SEIZE", tid);
  }
  StoppedThread thread(tid);
  GATEWATCH_RETURN_IF_ERROR(thread.Interrupt(patience));
  return thread;
}

absl::Status StoppedThread::Resume(int request, int signal) {
  if (::ptrace(static_cast<__ptrace_request>(request), tid_, nullptr,
               AsPointer(static_cast<uint64_t>(signal))) != 0) {
    return ErrnoStatus(errno, "ptrace", tid_);
  }
  stopped_ = false;
  if (signal != 0) delivered_signals_ |= uint64_t{1} << (signal - 1);
  return absl::OkStatus();
}

absl::StatusOr<int> StoppedThread::AwaitStop(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (true) {
    int status = 0;
    const pid_t got = ::waitpid(tid_, &status, __WALL | WNOHANG);
    if (got < 0 || (got == tid_ && !WIFSTOPPED(status))) {
      tid_ = 0;
      return absl::NotFoundError("the process ended");
    }
    if (got == tid_) {
      stopped_ = true;
      return status;
    }
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError("it did not stop in time");
    }
    absl::SleepFor(kPollInterval);
  }
}

absl::Status StoppedThread::Interrupt(absl::Duration patience) {
  if (::ptrace(PTRACE_INTERRUPT, tid_, nullptr, nullptr) != 0) {
    return ErrnoStatus(errno, "PTRACE_INTERRUPT", tid_);
  }
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const int status, AwaitStop(patience));
    if (IsGroupStop(status)) {
      return absl::UnavailableError("it is stopped by a signal");
    }
    if (IsEventStop(status)) return absl::OkStatus();
    // A signal on its way, which goes first; the interruption is still due.
    GATEWATCH_RETURN_IF_ERROR(
        Resume(PTRACE_CONT, IsCallBoundary(status) ? 0 : WSTOPSIG(status)));
  }
}

absl::Status StoppedThread::RunToCallBoundary(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  int signal = 0;
  int request = PTRACE_SYSCALL;
  while (true) {
    GATEWATCH_RETURN_IF_ERROR(Resume(request, signal));
    GATEWATCH_ASSIGN_OR_RETURN(const int status,
                               AwaitStop(deadline - absl::Now()));
    if (IsCallBoundary(status)) return absl::OkStatus();
    request = IsGroupStop(status) ? PTRACE_LISTEN : PTRACE_SYSCALL;
    signal = IsEventStop(status) ? 0 : WSTOPSIG(status);
  }
}

absl::StatusOr<user_regs_struct> StoppedThread::Registers() const {
  user_regs_struct registers{};
  iovec part{&registers, sizeof(registers)};
  if (::ptrace(PTRACE_GETREGSET, tid_, AsPointer(NT_PRSTATUS), &part) != 0) {
    return ErrnoStatus(errno, "PTRACE_GETREGSET", tid_);
  }
  if (part.iov_len != sizeof(registers)) {
    return absl::FailedPreconditionError("it is a 32-bit process");
  }
  return registers;
}

absl::Status StoppedThread::SetRegisters(
    const user_regs_struct& registers) const {
  iovec part{const_cast<user_regs_struct*>(&registers), sizeof(registers)};
  if (::ptrace(PTRACE_SETREGSET, tid_, AsPointer(NT_PRSTATUS), &part) != 0) {
    return ErrnoStatus(errno, "PTRACE_SETREGSET", tid_);
  }
  return absl::OkStatus();
}

absl::Status StoppedThread::Poke(uint64_t address,
                                 absl::string_view bytes) const {
  for (size_t done = 0; done < bytes.size(); done += sizeof(long)) {
    uint64_t word = 0;
    const size_t size = std::min(sizeof(word), bytes.size() - done);
    memcpy(&word, bytes.data() + done, size);
    if (::ptrace(PTRACE_POKEDATA, tid_, AsPointer(address + done),
                 AsPointer(word)) != 0) {
      return ErrnoStatus(errno, "PTRACE_POKEDATA", tid_);
    }
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::probes
