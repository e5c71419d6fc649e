#include "probes/syscalls/table.h"

#include <sys/socket.h>

#include <vector>

namespace gatewatch::probes {
namespace {

using enum Role;

constexpr ArgumentTest NonZero(uint8_t argument) {
  return {ArgumentTest::Kind::kNonZero, argument, {}};
}

constexpr ArgumentTest AtMost(uint8_t argument, uint32_t limit) {
  return {ArgumentTest::Kind::kAtMost, argument, {limit}};
}

// Families that ordinary applications do not open: raw frames, the kernel's
// crypto interface, the hypervisor.
constexpr ArgumentTest UnusualFamily(uint8_t argument) {
  return {ArgumentTest::Kind::kOneOf,
          argument,
          {AF_PACKET, AF_ALG, AF_VSOCK, AF_VSOCK}};
}

// Requests that act on another process from the outside: PTRACE_TRACEME (0),
// ATTACH (16), SEIZE (0x4206), and POKETEXT (4), which a debugger that got
// hold of a process by other means needs. The rest would cost a debugger two
// notifications for each of its steps and say nothing new.
constexpr ArgumentTest PtraceTest(uint8_t argument) {
  return {ArgumentTest::Kind::kOneOf, argument, {0, 16, 0x4206, 4}};
}

// clang-format off
constexpr SyscallRow kRows[] = {
    // x86-64, arm64, name, action, roles, test
    {59, 221, "execve", Action::kExec, {kPath, kArgv, kEnvp}},
    {322, 281, "execveat", Action::kExec, {kDirFd, kPath, kArgv, kEnvp, kFlags}},
    {231, 94, "exit_group", Action::kExit, {kStatus}},

    {2, -1, "open", Action::kOpen, {kPath, kFlags, kMode}},
    {257, 56, "openat", Action::kOpen, {kDirFd, kPath, kFlags, kMode}},
    {437, 437, "openat2", Action::kOpen, {kDirFd, kPath, kOpenHow}},
    {85, -1, "creat", Action::kOpen, {kPath, kMode}},

    {87, -1, "unlink", Action::kUnlink, {kPath}},
    {263, 35, "unlinkat", Action::kUnlink, {kDirFd, kPath, kFlags}},
    {84, -1, "rmdir", Action::kRmdir, {kPath}},
    {83, -1, "mkdir", Action::kMkdir, {kPath, kMode}},
    {258, 34, "mkdirat", Action::kMkdir, {kDirFd, kPath, kMode}},
    {82, -1, "rename", Action::kRename, {kPath, kNewPath}},
    {264, 38, "renameat", Action::kRename, {kDirFd, kPath, kNewDirFd, kNewPath}},
    {316, 276, "renameat2", Action::kRename, {kDirFd, kPath, kNewDirFd, kNewPath, kFlags}},
    {86, -1, "link", Action::kLink, {kPath, kNewPath}},
    {265, 37, "linkat", Action::kLink, {kDirFd, kPath, kNewDirFd, kNewPath, kFlags}},
    {88, -1, "symlink", Action::kSymlink, {kText, kNewPath}},
    {266, 36, "symlinkat", Action::kSymlink, {kText, kNewDirFd, kNewPath}},
    {90, -1, "chmod", Action::kChmod, {kPath, kMode}},
    {91, 52, "fchmod", Action::kChmod, {kFd, kMode}},
    {268, 53, "fchmodat", Action::kChmod, {kDirFd, kPath, kMode}},
    {452, 452, "fchmodat2", Action::kChmod, {kDirFd, kPath, kMode, kFlags}},
    {92, -1, "chown", Action::kChown, {kPath, kUid, kGid}},
    {93, 55, "fchown", Action::kChown, {kFd, kUid, kGid}},
    {94, -1, "lchown", Action::kChown, {kPath, kUid, kGid}},
    {260, 54, "fchownat", Action::kChown, {kDirFd, kPath, kUid, kGid, kFlags}},

    {42, 203, "connect", Action::kConnect, {kFd, kSockaddr, kLength}},
    {49, 200, "bind", Action::kBind, {kFd, kSockaddr, kLength}},
    {50, 201, "listen", Action::kListen, {kFd}},
    {43, 202, "accept", Action::kAccept, {kFd}},
    {288, 242, "accept4", Action::kAccept, {kFd}},
    {44, 206, "sendto", Action::kSendTo, {kFd, kUnused, kUnused, kUnused, kSockaddr, kLength}, NonZero(4)},
    {41, 198, "socket", Action::kSocket, {kFamily, kSocketType, kProtocol}, UnusualFamily(0)},

    {319, 279, "memfd_create", Action::kMemfd, {kText, kFlags}},
    {101, 117, "ptrace", Action::kPtrace, {kRequest, kPid}, PtraceTest(0)},
    {33, -1, "dup2", Action::kDup, {kFd, kNewFd}, AtMost(1, 2)},
    {292, 24, "dup3", Action::kDup, {kFd, kNewFd, kFlags}, AtMost(1, 2)},

    {105, 146, "setuid", Action::kSetIds, {kUid}},
    {106, 144, "setgid", Action::kSetIds, {kGid}},
    {113, 145, "setreuid", Action::kSetIds, {kUid, kEffectiveUid}},
    {114, 143, "setregid", Action::kSetIds, {kGid, kEffectiveGid}},
    {117, 147, "setresuid", Action::kSetIds, {kUid, kEffectiveUid, kSavedUid}},
    {119, 149, "setresgid", Action::kSetIds, {kGid, kEffectiveGid, kSavedGid}},
};
// clang-format on

}  // namespace

Architecture NativeArchitecture() {
#if defined(__x86_64__)
  return Architecture::kX86_64;
#elif defined(__aarch64__)
  return Architecture::kAarch64;
#else
#error "the system-call table has no column for this architecture"
#endif
}

absl::Span<const SyscallRow> SyscallTable() { return kRows; }

const SyscallRow* FindSyscall(int number) {
  static const auto* const by_number = [] {
    auto* index = new std::vector<const SyscallRow*>();
    for (const SyscallRow& row : kRows) {
      const int native = row.number(NativeArchitecture());
      if (native < 0) continue;
      const auto slot = static_cast<size_t>(native);
      if (index->size() <= slot) index->resize(slot + 1);
      (*index)[slot] = &row;
    }
    return index;
  }();
  if (number < 0 || static_cast<size_t>(number) >= by_number->size()) {
    return nullptr;
  }
  return (*by_number)[static_cast<size_t>(number)];
}

}  // namespace gatewatch::probes
