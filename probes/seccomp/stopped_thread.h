#ifndef GATEWATCH_PROBES_SECCOMP_STOPPED_THREAD_H_
#define GATEWATCH_PROBES_SECCOMP_STOPPED_THREAD_H_

#include <sys/types.h>
#include <sys/user.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace gatewatch::probes {

// A thread of another process that is seized for a moment. Let go of on
// destruction, as it then is; also by the kernel should this program end.
//
// Threads: one; ptrace(2) knows a tracer by its thread.
class StoppedThread {
 public:
  // Seizes and stops it, if it does within `patience`.
  static absl::StatusOr<StoppedThread> Seize(pid_t tid,
                                             absl::Duration patience);

  StoppedThread(StoppedThread&& other) noexcept;
  StoppedThread& operator=(StoppedThread&&) = delete;
  ~StoppedThread();

  // FailedPrecondition for a 32-bit process.
  absl::StatusOr<user_regs_struct> Registers() const;
  absl::Status SetRegisters(const user_regs_struct& registers) const;

  // Writes also what the process itself may only read or execute.
  absl::Status Poke(uint64_t address, absl::string_view bytes) const;

  // Lets it run to the next entry to, or return from, a system call; signals
  // that arrive before are delivered. DeadlineExceeded: it still runs; call
  // Interrupt() or destroy.
  absl::Status RunToCallBoundary(absl::Duration patience);

  // A bit for each signal that was delivered since it was seized; signal 1 is
  // the lowest.
  uint64_t delivered_signals() const { return delivered_signals_; }

  // Stops it wherever it is.
  absl::Status Interrupt(absl::Duration patience);

 private:
  explicit StoppedThread(pid_t tid) : tid_(tid) {}
  absl::Status Resume(int request, int signal);
  absl::StatusOr<int> AwaitStop(absl::Duration patience);

  pid_t tid_;  // 0: moved from, or gone
  bool stopped_ = false;
  uint64_t delivered_signals_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_STOPPED_THREAD_H_
