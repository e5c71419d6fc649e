#ifndef GATEWATCH_PROBES_SYSCALLS_TABLE_H_
#define GATEWATCH_PROBES_SYSCALLS_TABLE_H_

// THE table of observed system calls. The filter, the names and the decoding
// of arguments all derive from its rows: adding a call is adding a row.

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "probes/syscalls/argument_test.h"

namespace gatewatch::probes {

enum class Architecture { kX86_64, kAarch64 };

// The architecture that this program was compiled for.
Architecture NativeArchitecture();

// What a call does; chooses the observation that is made of it.
enum class Action {
  kExec,
  kExit,
  kOpen,
  kUnlink,
  kRename,
  kLink,
  kSymlink,
  kChmod,
  kChown,
  kMkdir,
  kRmdir,
  kConnect,
  kBind,
  kListen,
  kAccept,
  kSendTo,
  kSocket,
  kMemfd,
  kPtrace,
  kDup,
  kSetIds,
  kTruncate,
  kMknod,
  kSetAttribute,
  kRemoveAttribute,
  kSignal,
  kReadMemory,
  kWriteMemory,
  kTakeDescriptor,
  kUnshare,
  kJoinNamespace,
  kCloneNamespaces,
  kMount,
  kUnmount,
  kPivotRoot,
  kMoveMount,
  kOpenFileSystem,
  kMakeMount,
  kCloneTree,
  kSetMountAttributes,
  kChroot,
  kBpf,
  kLoadModule,
  kUnloadModule,
  kUserFault,
  kIoUring,
  kPerfEvent,
  kOpenByHandle,
  kMakeExecutable,
};

// What an argument means.
enum class Role {
  kUnused,
  kDirFd,
  kPath,
  kNewDirFd,
  kNewPath,
  kText,  // a string that is not a path: memfd name, symlink content
  // What may be null, and is empty when it cannot be read: the kernel denies
  // some calls before it looks at what they point to.
  kOptionalText,
  kFileSystem,  // "proc"
  kMountPoint,  // a path
  kFlags,       // open, AT_*, RENAME_*, MFD_*
  kOpenHow,     // struct open_how, its size in the next argument
  kMode,
  kArgv,
  kEnvp,
  kFd,
  kNewFd,
  kSockaddr,  // its length in the next argument
  kLength,
  kFamily,
  kSocketType,
  kProtocol,
  kPid,
  kRequest,
  kStatus,
  kUid,
  kEffectiveUid,
  kSavedUid,
  kGid,
  kEffectiveGid,
  kSavedGid,
  kFileSystemUid,
  kFileSystemGid,
  // As optional: gid_t[], its count in the argument before; capset(2)'s data,
  // its header in the argument before.
  kGroups,
  kCapabilities,
  kSignal,
  kCommand,   // of a call that has many: bpf(2)
  kPidFd,     // a descriptor that stands for a process
  kNodeMode,  // permission bits and type of a new node
  kDevice,    // of a new node
  kAddress,   // of memory, not read
  kSize,      // of memory or of a file
  kProtection,
  kCloneArguments,  // struct clone_args
  kMessage,         // struct msghdr, or an array of struct mmsghdr
};

// Which rungs observe a call.
enum class Reach {
  kEveryRung,
  // Hot, and what makes one of interest lies in memory that no filter reads:
  // only for rungs that can look there without stopping the caller.
  kInKernel,
};

struct SyscallRow {
  int x86_64;  // number; -1: the architecture has no such call
  int aarch64;
  absl::string_view name;
  Action action;
  std::array<Role, 6> roles;
  // Observed when `test` and `and_test` hold, or `or_test` does.
  ArgumentTest test = {};
  ArgumentTest and_test = {};
  ArgumentTest or_test = {ArgumentTest::Kind::kNever, 0, {}};
  Reach reach = Reach::kEveryRung;

  int number(Architecture architecture) const {
    return architecture == Architecture::kX86_64 ? x86_64 : aarch64;
  }
};

// All rows; they live as long as the program.
absl::Span<const SyscallRow> SyscallTable();

// The row of a call of the native architecture; null: not in the table.
const SyscallRow* FindSyscall(int number);

// Whether the row's tests hold: what the filter decides, for rungs that have
// no filter.
bool IsOfInterest(const SyscallRow& row, const RegisterArguments& arguments);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_TABLE_H_
