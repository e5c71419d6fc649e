#include "agent/launch/keeper_process.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "agent/launch/keeper.h"

namespace gatewatch::agent {
namespace {

constexpr unsigned kNone = ~0U;
// linux/close_range.h; Linux 5.9.
constexpr unsigned kUnshareTable = 2;

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
  CloseRange(high + 1, kNone);
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
  if (::chdir("/") != 0) return;  // keeps a file system busy, no more
}

}  // namespace

bool LeaveDescriptorTable() {
  // unshare(2) is often refused to containers, this seldom.
  return ::syscall(SYS_close_range, kNone, kNone, kUnshareTable) == 0 ||
         ::unshare(CLONE_FILES) == 0;
}

void BecomeKeeper(UniqueFd listener, SharedSlot slot,
                  const char* agent_socket) {
  CloseAllBut(listener.get(), slot.memory());
  LeaveTheWorkload();
  const probes::NotifyFd notify(std::move(listener));
  Keeper(notify, slot.memory(), *slot, agent_socket).Run();
  ::_exit(0);
}

}  // namespace gatewatch::agent
