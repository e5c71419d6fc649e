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

#include "agent/launch/keeper.h"
#include "base/status.h"
#include "probes/seccomp/filter.h"
#include "probes/seccomp/notify_fd.h"
#include "probes/syscalls/table.h"

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

struct SharedMemory {
  Meeting* meeting = nullptr;
  probes::NotifySlot* slot = nullptr;
  UniqueFd slot_fd;
};

absl::StatusOr<SharedMemory> MapSharedMemory() {
  SharedMemory memory;
  memory.slot_fd.Reset(
      ::memfd_create("gatewatch-slot", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.slot_fd.valid()) return ErrnoStatus(errno, "memfd_create");
  if (::ftruncate(memory.slot_fd.get(), sizeof(probes::NotifySlot)) != 0 ||
      ::fcntl(memory.slot_fd.get(), F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
    return ErrnoStatus(errno, "memfd");
  }
  void* slot =
      ::mmap(nullptr, sizeof(probes::NotifySlot), PROT_READ | PROT_WRITE,
             MAP_SHARED, memory.slot_fd.get(), 0);
  void* meeting = ::mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (slot == MAP_FAILED || meeting == MAP_FAILED) {
    return ErrnoStatus(errno, "mmap");
  }
  memory.slot = static_cast<probes::NotifySlot*>(slot);
  memory.meeting = new (meeting) Meeting();
  return memory;
}

int InstallFilter(unsigned long flags) {
  const std::vector<sock_filter> program =
      probes::BuildFilter(probes::SyscallTable(), probes::NativeArchitecture());
  const sock_fprog filter{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                    SECCOMP_FILTER_FLAG_NEW_LISTENER | flags,
                                    &filter));
}

absl::StatusOr<int> InstallFilter() {
  // With this flag a received call is not interrupted by ordinary signals,
  // such as Go's preemption, and so is seen once.
  unsigned long flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  int listener = InstallFilter(flags);
  if (listener < 0 && errno == EINVAL) {
    flags = 0;
    listener = InstallFilter(flags);
  }
  if (listener < 0 && errno == EACCES) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
      return ErrnoStatus(errno, "PR_SET_NO_NEW_PRIVS");
    }
    listener = InstallFilter(flags);
  }
  if (listener < 0 && errno == EBUSY) {
    return absl::FailedPreconditionError(
        "another seccomp observer has a listener on this process already");
  }
  if (listener < 0) return ErrnoStatus(errno, "seccomp");
  return listener;
}

void CloseRange(unsigned first, unsigned last) {
  if (first > last) return;
  if (::syscall(SYS_close_range, first, last, 0) == 0) return;
  const auto limit = static_cast<unsigned>(::sysconf(_SC_OPEN_MAX));
  for (unsigned fd = first; fd <= std::min(last, limit); ++fd) {
    ::close(static_cast<int>(fd));
  }
}

// Whoever reads the other end of one of the workload's pipes waits until the
// last copy closes: the keeper must hold none.
void CloseAllBut(int a, int b) {
  const auto low = static_cast<unsigned>(std::min(a, b));
  const auto high = static_cast<unsigned>(std::max(a, b));
  if (low > 0) CloseRange(0, low - 1);
  CloseRange(low + 1, high - 1);
  CloseRange(high + 1, ~0U);
}

// Nothing that is meant for the workload may end its keeper: not the
// terminal's signals, not a kill of the process group.
void LeaveTheWorkload() {
  ::setsid();
  sigset_t signals;
  sigfillset(&signals);
  sigdelset(&signals, SIGALRM);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::prctl(PR_SET_NAME, "gatewatch-keep");
  if (::chdir("/") != 0) ::_exit(1);
}

[[noreturn]] void BecomeKeeper(const Launch& launch, pid_t workload,
                               SharedMemory& memory) {
  const int listener = memory.meeting->Await(workload);
  if (listener < 0) ::_exit(0);
  // Until here the descriptor table was the workload's own. The workload
  // waits in its execve, which nobody has answered yet.
  if (::unshare(CLONE_FILES) != 0) ::_exit(1);
  CloseAllBut(listener, memory.slot_fd.get());
  LeaveTheWorkload();
  const probes::NotifyFd notify{UniqueFd(listener)};
  Keeper(notify, memory.slot_fd.get(), *memory.slot, launch.agent_socket).Run();
  ::_exit(0);
}

absl::Status PutUnderObservation(const Launch& launch) {
  GATEWATCH_ASSIGN_OR_RETURN(SharedMemory memory, MapSharedMemory());
  const pid_t workload = ::getpid();  // 1 where this is a container's entry
  // No exit signal: a child that wait(2) without __WCLONE does not see. It
  // must not execute anything, which would give it one.
  const auto keeper =
      static_cast<pid_t>(::syscall(SYS_clone, CLONE_FILES, 0, 0, 0, 0));
  if (keeper < 0) return ErrnoStatus(errno, "clone");
  if (keeper == 0) BecomeKeeper(launch, workload, memory);
  const absl::StatusOr<int> listener = InstallFilter();
  memory.meeting->Settle(listener.value_or(Meeting::kFailed));
  if (!listener.ok()) ::waitpid(keeper, nullptr, __WCLONE);
  memory.slot_fd.Release();  // closing is the keeper's business, or exec's
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
