#include "agent/launch/launcher.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "agent/launch/keeper_process.h"
#include "agent/launch/shared_slot.h"
#include "base/status.h"
#include "probes/seccomp/filter.h"
#include "probes/seccomp/notify_fd.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)  // Linux 5.19
#endif

namespace gatewatch::agent {
namespace {

// How the workload's process tells its keeper the listener. In memory that
// both share; the descriptor itself is in the descriptor table that both
// share until the keeper has it.
struct Meeting {
  static constexpr int kPending = -1;
  static constexpr int kFailed = -2;
  std::atomic<int> listener{kPending};

  void Settle(int value) {
    listener.store(value);
    ::syscall(SYS_futex, &listener, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

  // Kept short, so that a keeper whose workload died before it could tell
  // does not wait for ever.
  int Await(pid_t workload) {
    const timespec second{1, 0};
    while (listener.load() == kPending && ::getppid() == workload) {
      ::syscall(SYS_futex, &listener, FUTEX_WAIT, kPending, &second, nullptr,
                0);
    }
    return listener.load();
  }
};

absl::StatusOr<Meeting*> MakeMeeting() {
  void* shared = ::mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return ErrnoStatus(errno, "mmap");
  return new (shared) Meeting();
}

int InstallFilter(const std::vector<sock_filter>& program,
                  unsigned long flags) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                    SECCOMP_FILTER_FLAG_NEW_LISTENER | flags,
                                    &filter));
}

absl::StatusOr<int> InstallFilter(absl::Span<const probes::SyscallRow> rows) {
  const std::vector<sock_filter> program =
      probes::BuildFilter(rows, probes::NativeArchitecture());
  // With this flag a received call is not interrupted by ordinary signals,
  // such as Go's preemption, and so is seen once.
  unsigned long flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  int listener = InstallFilter(program, flags);
  if (listener < 0 && errno == EINVAL) {
    flags = 0;
    listener = InstallFilter(program, flags);
  }
  if (listener < 0 && errno == EACCES) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
      return ErrnoStatus(errno, "PR_SET_NO_NEW_PRIVS");
    }
    listener = InstallFilter(program, flags);
  }
  if (listener < 0 && errno == EBUSY) {
    return absl::FailedPreconditionError(
        "another seccomp observer has a listener on this process already");
  }
  if (listener < 0) return ErrnoStatus(errno, "seccomp");
  return listener;
}

// Until it has the listener, the keeper shares the workload's descriptor
// table. The workload waits in its execve, which nobody has answered yet.
[[noreturn]] void AwaitAndKeep(const Launch& launch, pid_t workload,
                               Meeting& meeting, SharedSlot slot) {
  UniqueFd listener(meeting.Await(workload));
  if (!listener.valid()) ::_exit(0);
  // Where leaving the table is refused, a copy of this process has its own.
  // The workload finds the rest of this one if it asks with __WCLONE.
  if (!LeaveDescriptorTable() && ::syscall(SYS_clone, 0, 0, 0, 0, 0) > 0) {
    ::_exit(0);
  }
  BecomeKeeper(std::move(listener), std::move(slot), launch.agent_socket);
}

absl::Status PutUnderObservation(const Launch& launch) {
  GATEWATCH_ASSIGN_OR_RETURN(SharedSlot created, SharedSlot::Create());
  // Never closed here, where the keeper shares the descriptor table until it
  // has the listener: the command's execution closes it.
  static SharedSlot* const slot = new SharedSlot(std::move(created));
  GATEWATCH_ASSIGN_OR_RETURN(Meeting* const meeting, MakeMeeting());
  const pid_t workload = ::getpid();  // 1 where this is a container's entry
  // No exit signal: a child that wait(2) without __WCLONE does not see. It
  // must not execute anything, which would give it one.
  const auto keeper =
      static_cast<pid_t>(::syscall(SYS_clone, CLONE_FILES, 0, 0, 0, 0));
  if (keeper < 0) return ErrnoStatus(errno, "clone");
  if (keeper == 0) {
    AwaitAndKeep(launch, workload, *meeting, std::move(*slot));
  }
  const absl::StatusOr<int> listener = InstallFilter(launch.rows);
  meeting->Settle(listener.value_or(Meeting::kFailed));
  if (!listener.ok()) ::waitpid(keeper, nullptr, __WCLONE);
  return listener.status();
}

}  // namespace

void LaunchCommand(const Launch& launch,
                   void (*complain)(const absl::Status&)) {
  if (const absl::Status status = PutUnderObservation(launch); !status.ok()) {
    complain(status);
  }
  ::execvp(launch.command[0], launch.command);
}

}  // namespace gatewatch::agent
