#include "tests/unit/probes/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/status.h"

namespace gatewatch::testing {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    GATEWATCH_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    read_end.Reset(ends[0]);
    write_end.Reset(ends[1]);
  }
  UniqueFd read_end, write_end;
};

[[noreturn]] void WaitForTheEnd(const UniqueFd& alive) {
  char byte;
  while (::read(alive.get(), &byte, 1) < 0) {
  }
  ::_exit(0);
}

[[noreturn]] void RunChild(const UniqueFd& alive, const UniqueFd& report,
                           int children) {
  for (int i = 0; i < children; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) WaitForTheEnd(alive);
    if (::write(report.get(), &pid, sizeof(pid)) != sizeof(pid)) ::_exit(1);
  }
  WaitForTheEnd(alive);
}

}  // namespace

Child::Child(int children) {
  Pipe alive, report;
  pid_ = ::fork();
  GATEWATCH_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    alive.write_end.Reset();
    RunChild(alive.read_end, report.write_end, children);
  }
  for (int i = 0; i < children; ++i) {
    pid_t pid = 0;
    GATEWATCH_CHECK(::read(report.read_end.get(), &pid, sizeof(pid)) ==
                    sizeof(pid));
    children_.push_back(pid);
  }
  alive_ = std::move(alive.write_end);
}

Child::~Child() {
  if (pid_ != 0) Kill();
}

void Child::Kill() {
  ::kill(pid_, SIGKILL);
  GATEWATCH_CHECK(::waitpid(pid_, nullptr, 0) == pid_);
  pid_ = 0;
}

}  // namespace gatewatch::testing
