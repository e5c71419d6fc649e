#include "probes/ptrace/registers.h"

#include <elf.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "catch2/catch.hpp"
#include "tests/support/skip.h"

namespace gatewatch::probes {
namespace {

constexpr RegisterArguments kArguments = {11, 12, 13, 14, 15, 16};
constexpr int kNoSuchFd = -1;

__ptrace_syscall_info Entry(uint32_t architecture, uint64_t number) {
  __ptrace_syscall_info info{};
  info.op = PTRACE_SYSCALL_INFO_ENTRY;
  info.arch = architecture;
  info.entry.nr = number;
  for (size_t i = 0; i < kArguments.size(); ++i) {
    info.entry.args[i] = kArguments[i];
  }
  return info;
}

uint32_t NativeAudit() {
  return NativeArchitecture() == Architecture::kX86_64 ? AUDIT_ARCH_X86_64
                                                       : AUDIT_ARCH_AARCH64;
}

// A child that makes one call with known arguments, stopped at its entry.
class Calling {
 public:
  Calling() {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::ptrace(PTRACE_TRACEME, 0, 0, 0);
      ::raise(SIGSTOP);
      ::syscall(SYS_dup3, kNoSuchFd, 12, 0, 14, 15, 16);
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    traced_ = WIFSTOPPED(status);
    ::ptrace(PTRACE_SETOPTIONS, pid_, 0, PTRACE_O_TRACESYSGOOD);
    // raise(3) ends with calls of its own.
    while (traced_ &&
           (!ToNextStop() || Read(Moment::kEntry).number != SYS_dup3)) {
    }
  }
  ~Calling() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  bool traced() const { return traced_; }

  bool ToNextStop() {
    ::ptrace(PTRACE_SYSCALL, pid_, 0, 0);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    traced_ = WIFSTOPPED(status);
    return traced_ && WSTOPSIG(status) == (SIGTRAP | 0x80);
  }

  TracedCall Read(Moment moment) const {
    user_regs_struct registers{};
    iovec into{&registers, sizeof(registers)};
    ::ptrace(PTRACE_GETREGSET, pid_, NT_PRSTATUS, &into);
    return CallOf(registers, moment);
  }

  TracedCall Ask() const {
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid_, sizeof(info), &info);
    return CallOf(info);
  }

 private:
  pid_t pid_ = 0;
  bool traced_ = false;
};

}  // namespace

TEST_CASE("a call's number and arguments are what the kernel says",
          "[ptrace]") {
  const TracedCall call = CallOf(Entry(NativeAudit(), 257));
  CHECK(call.moment == Moment::kEntry);
  CHECK(call.native);
  CHECK(call.number == 257);
  CHECK(call.arguments == kArguments);
}

TEST_CASE("32-bit and x32 calls are not native", "[ptrace]") {
  CHECK_FALSE(CallOf(Entry(AUDIT_ARCH_I386, 5)).native);
  CHECK_FALSE(CallOf(Entry(AUDIT_ARCH_ARM, 5)).native);
  if (NativeArchitecture() == Architecture::kX86_64) {
    CHECK_FALSE(CallOf(Entry(AUDIT_ARCH_X86_64, 0x40000000 | 2)).native);
  }
}

TEST_CASE("a stop that is at no call has no native call", "[ptrace]") {
  __ptrace_syscall_info info = Entry(NativeAudit(), 257);
  info.op = PTRACE_SYSCALL_INFO_NONE;
  CHECK_FALSE(CallOf(info).native);
}

TEST_CASE("registers and kernel say the same of a call", "[ptrace]") {
  Calling calling;
  if (!calling.traced()) {
    return gatewatch::testing::Skip("this process may not be traced");
  }
  for (const TracedCall& call : {calling.Ask(), calling.Read(Moment::kEntry)}) {
    CHECK(call.moment == Moment::kEntry);
    CHECK(call.native);
    CHECK(call.number == SYS_dup3);
    CHECK(static_cast<int>(call.arguments[0]) == kNoSuchFd);
    CHECK(call.arguments[1] == 12);
    CHECK(call.arguments[5] == 16);
  }
  CHECK(calling.Ask().place == calling.Read(Moment::kEntry).place);
  CHECK(calling.Ask().place.instruction != 0);
  REQUIRE(calling.ToNextStop());
  CHECK(calling.Ask().place == calling.Read(Moment::kExit).place);
  for (const TracedCall& call : {calling.Ask(), calling.Read(Moment::kExit)}) {
    CHECK(call.moment == Moment::kExit);
    CHECK(call.result == -EBADF);
  }
}

}  // namespace gatewatch::probes
