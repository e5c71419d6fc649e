#include "probes/syscalls/table.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
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

constexpr ArgumentTest AnyBit(uint8_t argument, uint32_t mask) {
  return {ArgumentTest::Kind::kAnyBit, argument, {mask}};
}

constexpr ArgumentTest AllBits(uint8_t argument, uint32_t mask) {
  return {ArgumentTest::Kind::kAllBits, argument, {mask}};
}

constexpr ArgumentTest Never() { return {ArgumentTest::Kind::kNever, 0, {}}; }

// Not the signals that runtimes send their own threads all the time: Go's
// preemption, which kills nobody, and the two that C libraries keep for
// themselves (nptl(7)). 0 asks whether the thread is there.
constexpr ArgumentTest SignalToThread(uint8_t argument) {
  return {ArgumentTest::Kind::kNoneOf, argument, {0, SIGURG, 32, 33}};
}

// What a program does with the maps that it has, over and over:
// BPF_MAP_LOOKUP_ELEM, UPDATE, DELETE and GET_NEXT_KEY. Who is denied bpf(2)
// is denied its other commands too.
constexpr ArgumentTest NotOnBpfMaps(uint8_t argument) {
  return {ArgumentTest::Kind::kNoneOf, argument, {1, 2, 3, 4}};
}

constexpr uint32_t kNewTime = 0x80;  // CLONE_NEWTIME
constexpr uint32_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP |
                                    CLONE_NEWUTS | CLONE_NEWIPC |
                                    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr uint32_t kOpenTreeClone = 1;
constexpr uint32_t kWritableCode = PROT_WRITE | PROT_EXEC;

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
    {122, 151, "setfsuid", Action::kSetIds, {kFileSystemUid}},
    {123, 152, "setfsgid", Action::kSetIds, {kFileSystemGid}},
    {116, 159, "setgroups", Action::kSetIds, {kUnused, kGroups}},
    {126, 91, "capset", Action::kSetIds, {kUnused, kCapabilities}},

    {76, 45, "truncate", Action::kTruncate, {kPath, kSize}},
    {133, -1, "mknod", Action::kMknod, {kPath, kNodeMode, kDevice}},
    {259, 33, "mknodat", Action::kMknod, {kDirFd, kPath, kNodeMode, kDevice}},
    {188, 5, "setxattr", Action::kSetAttribute, {kPath, kText}},
    {189, 6, "lsetxattr", Action::kSetAttribute, {kPath, kText}},
    {190, 7, "fsetxattr", Action::kSetAttribute, {kFd, kText}},
    {463, 463, "setxattrat", Action::kSetAttribute, {kDirFd, kPath, kFlags, kText}},
    {197, 14, "removexattr", Action::kRemoveAttribute, {kPath, kText}},
    {198, 15, "lremovexattr", Action::kRemoveAttribute, {kPath, kText}},
    {199, 16, "fremovexattr", Action::kRemoveAttribute, {kFd, kText}},
    {466, 466, "removexattrat", Action::kRemoveAttribute, {kDirFd, kPath, kFlags, kText}},

    {62, 129, "kill", Action::kSignal, {kPid, kSignal}, NonZero(1)},
    {200, 130, "tkill", Action::kSignal, {kPid, kSignal}, SignalToThread(1)},
    {234, 131, "tgkill", Action::kSignal, {kPid, kUnused, kSignal}, SignalToThread(2)},
    {424, 424, "pidfd_send_signal", Action::kSignal, {kPidFd, kSignal}, NonZero(1)},
    {129, 138, "rt_sigqueueinfo", Action::kSignal, {kPid, kSignal}, NonZero(1)},
    {297, 240, "rt_tgsigqueueinfo", Action::kSignal, {kPid, kUnused, kSignal}, SignalToThread(2)},
    {310, 270, "process_vm_readv", Action::kReadMemory, {kPid}},
    {311, 271, "process_vm_writev", Action::kWriteMemory, {kPid}},
    {438, 438, "pidfd_getfd", Action::kTakeDescriptor, {kPidFd}},

    {272, 97, "unshare", Action::kUnshare, {kFlags}, AnyBit(0, kNewNamespaces | kNewTime)},
    {308, 268, "setns", Action::kJoinNamespace, {kFd, kFlags}},
    {56, 220, "clone", Action::kCloneNamespaces, {kFlags}, AnyBit(0, kNewNamespaces)},
    {435, 435, "clone3", Action::kCloneNamespaces, {kCloneArguments}, {}, {}, Never(), Reach::kInKernel},

    {165, 40, "mount", Action::kMount, {kOptionalText, kMountPoint, kFileSystem, kFlags}},
    {166, 39, "umount2", Action::kUnmount, {kMountPoint, kFlags}},
    {155, 41, "pivot_root", Action::kPivotRoot, {kMountPoint, kOptionalText}},
    {429, 429, "move_mount", Action::kMoveMount, {kUnused, kOptionalText, kDirFd, kMountPoint, kFlags}},
    {430, 430, "fsopen", Action::kOpenFileSystem, {kFileSystem, kFlags}},
    {432, 432, "fsmount", Action::kMakeMount, {kUnused, kUnused, kFlags}},
    {428, 428, "open_tree", Action::kCloneTree, {kDirFd, kMountPoint, kFlags}, AnyBit(2, kOpenTreeClone)},
    {467, 467, "open_tree_attr", Action::kCloneTree, {kDirFd, kMountPoint, kFlags}, AnyBit(2, kOpenTreeClone)},
    {442, 442, "mount_setattr", Action::kSetMountAttributes, {kDirFd, kMountPoint, kFlags}},
    {161, 51, "chroot", Action::kChroot, {kMountPoint}},

    {321, 280, "bpf", Action::kBpf, {kCommand}, NotOnBpfMaps(0)},
    {175, 105, "init_module", Action::kLoadModule, {kUnused, kUnused, kOptionalText}},
    {313, 273, "finit_module", Action::kLoadModule, {kFd, kOptionalText, kFlags}},
    {176, 106, "delete_module", Action::kUnloadModule, {kOptionalText, kFlags}},
    {323, 282, "userfaultfd", Action::kUserFault, {kFlags}},
    {425, 425, "io_uring_setup", Action::kIoUring, {kCommand}},
    {298, 241, "perf_event_open", Action::kPerfEvent, {kUnused, kCommand, kUnused, kUnused, kFlags}},
    {304, 265, "open_by_handle_at", Action::kOpenByHandle, {kUnused, kUnused, kFlags}},

    // Loaded code is mapped from its file and not writable; what a compiler
    // makes at run time is written first and made executable afterwards.
    {9, 222, "mmap", Action::kMakeExecutable, {kAddress, kSize, kProtection, kFlags, kFd},
     AllBits(2, PROT_EXEC), AnyBit(3, MAP_ANONYMOUS), AllBits(2, kWritableCode)},
    {10, 226, "mprotect", Action::kMakeExecutable, {kAddress, kSize, kProtection}, AllBits(2, kWritableCode)},
    {329, 288, "pkey_mprotect", Action::kMakeExecutable, {kAddress, kSize, kProtection}, AllBits(2, kWritableCode)},

    // Their peer's address lies in memory: a notification of each would stop
    // every message of a connected socket too.
    {46, 211, "sendmsg", Action::kSendTo, {kFd, kMessage}, {}, {}, Never(), Reach::kInKernel},
    {307, 269, "sendmmsg", Action::kSendTo, {kFd, kMessage}, {}, {}, Never(), Reach::kInKernel},
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

bool IsOfInterest(const SyscallRow& row, const RegisterArguments& arguments) {
  return (Holds(row.test, arguments) && Holds(row.and_test, arguments)) ||
         Holds(row.or_test, arguments);
}

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
