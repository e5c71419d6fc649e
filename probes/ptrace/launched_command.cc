#include "probes/ptrace/launched_command.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>

#include "base/status.h"
#include "probes/seccomp/filter.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {
namespace {

constexpr int kCannotExecute = 126;  // as shells say
constexpr int kNotFound = 127;

// A tracer is told of the end of a process anyway.
std::vector<sock_filter> TracingFilter() {
  std::vector<SyscallRow> rows;
  const auto table = SyscallTable();
  std::copy_if(
      table.begin(), table.end(), std::back_inserter(rows),
      [](const SyscallRow& row) { return row.action != Action::kExit; });
  return BuildFilter(rows, NativeArchitecture(), FilterAction::kTrace);
}

bool Install(const sock_fprog& filter) {
  const auto install = [&] {
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
  };
  if (install()) return true;
  return errno == EACCES && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         install();
}

// Moved out of the way first: one may be where another is to go.
bool PlaceStdio(std::array<int, 3> stdio) {
  constexpr int kAbove = 3;
  for (int& fd : stdio) {
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, kAbove);
    if (fd < 0) return false;
  }
  for (int number = 0; number < 3; ++number) {
    if (::dup2(stdio[static_cast<size_t>(number)], number) < 0) return false;
  }
  return true;
}

// What a copy of a process with other threads may do: no allocation.
[[noreturn]] void BecomeCommand(char* const* argv, const sock_fprog& filter,
                                const std::array<int, 3>& stdio,
                                const UniqueFd& released) {
  char byte;
  while (::read(released.get(), &byte, 1) < 0 && errno == EINTR) {
  }
  if (!PlaceStdio(stdio) || !Install(filter)) ::_exit(kCannotExecute);
  ::execvp(argv[0], argv);
  ::_exit(errno == ENOENT ? kNotFound : kCannotExecute);
}

}  // namespace

absl::StatusOr<HeldChild> HoldCommand(const LaunchedCommand& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe2");
  UniqueFd released(ends[0]), release(ends[1]);
  std::vector<sock_filter> program = TracingFilter();
  const sock_fprog filter{static_cast<unsigned short>(program.size()),
                          program.data()};
  std::vector<char*> argv;
  for (const std::string& argument : command.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return ErrnoStatus(errno, "fork");
  if (pid == 0) {
    ::close(release.get());
    BecomeCommand(argv.data(), filter, command.stdio, released);
  }
  return HeldChild{pid, std::move(release)};
}

}  // namespace gatewatch::probes
