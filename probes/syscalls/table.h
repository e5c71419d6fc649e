#ifndef GATEWATCH_PROBES_SYSCALLS_TABLE_H_
#define GATEWATCH_PROBES_SYSCALLS_TABLE_H_

// THE table of observed system calls. The filter, the names and the decoding
// of arguments all derive from its rows: adding a call is adding a row.

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

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
};

// What an argument means.
enum class Role {
  kUnused,
  kDirFd,
  kPath,
  kNewDirFd,
  kNewPath,
  kText,     // a string that is not a path: memfd name, symlink content
  kFlags,    // open, AT_*, RENAME_*, MFD_*
  kOpenHow,  // struct open_how, its size in the next argument
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
};

// Lets the filter pass a call unseen when a register argument says that it is
// of no interest.
struct ArgumentTest {
  enum class Kind {
    kAlways,   // observe every such call
    kNonZero,  // only when the argument (64 bits) is not 0
    kAtMost,   // only when its lower 32 bits, unsigned, are at most values[0]
    kOneOf,    // only when its lower 32 bits are one of values
  };
  Kind kind = Kind::kAlways;
  uint8_t argument = 0;
  std::array<uint32_t, 4> values = {};  // kOneOf: filled up by repetition
};

struct SyscallRow {
  int x86_64;  // number; -1: the architecture has no such call
  int aarch64;
  absl::string_view name;
  Action action;
  std::array<Role, 6> roles;
  ArgumentTest test = {};

  int number(Architecture architecture) const {
    return architecture == Architecture::kX86_64 ? x86_64 : aarch64;
  }
};

// All rows; they live as long as the program.
absl::Span<const SyscallRow> SyscallTable();

// The row of a call of the native architecture; null: not in the table.
const SyscallRow* FindSyscall(int number);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_TABLE_H_
