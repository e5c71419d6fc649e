#include "probes/bpf/recorded_call.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "probes/procfs/path_resolver.h"

namespace gatewatch::probes {
namespace {

constexpr uint32_t kOpenMadeFile = 1 << 20;  // FMODE_CREATED
constexpr int64_t kFirstRestart = 512;       // ERESTARTSYS and its kin: the
constexpr int64_t kLastRestart = 516;        // kernel's own

// The index of the argument of that role; the working directory: none.
int SubjectOf(const SyscallRow& row, Role role) {
  const auto* const found = std::find(row.roles.begin(), row.roles.end(), role);
  return found == row.roles.end() ? static_cast<int>(GW_WORKING_DIRECTORY)
                                  : static_cast<int>(found - row.roles.begin());
}

bool HasRole(const SyscallRow& row, Role role) {
  return SubjectOf(row, role) != GW_WORKING_DIRECTORY;
}

// Makes `path` absolute; what it was when that differs.
std::optional<std::string> MakeAbsolute(const Record& record, int base,
                                        std::string& path) {
  std::string raw = path;
  if (!absl::StartsWith(path, "/")) {
    const std::string directory = RecordedPath(record, base);
    // Not a directory that exists: the call failed for it.
    if (directory.empty()) return raw;
    path = path.empty() ? directory : absl::StrCat(directory, "/", path);
  }
  path = ReplaceProcSelf(CleanPath(std::move(path)),
                         static_cast<pid_t>(record.head.task.pid),
                         static_cast<pid_t>(record.head.task.tid));
  if (raw == path) return std::nullopt;
  return raw;
}

// Whether the call names its file by a descriptor instead of a path.
bool NamesFileByDescriptor(const SyscallRow& row) {
  switch (row.action) {
    case Action::kChmod:
    case Action::kChown:
    case Action::kSetAttribute:
    case Action::kRemoveAttribute:
      return !HasRole(row, Role::kPath);
    default:
      return false;
  }
}

int BaseOf(const SyscallRow& row, Role role, int dir_fd) {
  return dir_fd == AT_FDCWD ? static_cast<int>(GW_WORKING_DIRECTORY)
                            : SubjectOf(row, role);
}

FileKind KindOf(uint32_t mode) {
  struct Kind {
    uint32_t type;
    FileKind kind;
  };
  constexpr Kind kKinds[] = {
      {S_IFREG, FileKind::kRegular},     {S_IFDIR, FileKind::kDirectory},
      {S_IFLNK, FileKind::kSymlink},     {S_IFCHR, FileKind::kCharacterDevice},
      {S_IFBLK, FileKind::kBlockDevice}, {S_IFIFO, FileKind::kFifo},
      {S_IFSOCK, FileKind::kSocket},
  };
  for (const Kind& kind : kKinds) {
    if ((mode & S_IFMT) == kind.type) return kind.kind;
  }
  return FileKind::kUnknown;
}

void CompleteFile(const Record& record, int subject, File& file) {
  const auto told = RecordedFile(record, subject);
  if (!told) return;
  file.kind = KindOf(told->mode);
  file.inode = told->inode;
  file.device = UserDevice(told->device);
}

// Calls whose description needs to know of another process by its pid: what
// became of that is not in the record.
bool LooksAtOthers(const SyscallRow& row) { return row.roles[0] == Role::kPid; }

// The process that a pidfd among the arguments stands for.
std::optional<pid_t> RecordedTarget(const SyscallRow& row,
                                    const Record& record) {
  for (const Role role : {Role::kPidFd, Role::kFd}) {
    const auto* process = record.Find(GW_PROCESS, SubjectOf(row, role));
    if (process != nullptr) return static_cast<pid_t>(process->head.address);
  }
  return std::nullopt;
}

// A signal to the caller itself, say, which may have killed it since.
bool IsOnItself(const SyscallRow& row, const Record& record,
                const DecodedCall& call) {
  if (row.action != Action::kSignal && row.action != Action::kReadMemory &&
      row.action != Action::kWriteMemory) {
    return false;
  }
  const gw_task& caller = record.head.task;
  if (const auto target = RecordedTarget(row, record)) {
    return *target == static_cast<pid_t>(caller.pid);
  }
  const auto target = static_cast<uint32_t>(call.pid);
  return row.roles[0] == Role::kPid &&
         (target == caller.namespace_pid || target == caller.namespace_tid);
}

// Writes into a detail what the kernel knew of its objects.
struct Completion {
  const SyscallRow& row;
  const Record& record;

  void operator()(FileOpened& opened) const {
    CompleteFile(record, GW_RESULT, opened.file);
    const auto told = RecordedFile(record, GW_RESULT);
    if (!told) return;
    opened.creates = (told->open_mode & kOpenMadeFile) != 0;
    const Record::Section* path = record.Find(GW_DIRECTORY, GW_RESULT);
    if (path == nullptr || (path->head.flags & GW_WHOLE) == 0) return;
    std::string resolved = RecordedPath(record, GW_RESULT);
    if (resolved != opened.file.path) {
      opened.file.resolved_path = std::move(resolved);
    }
  }

  void operator()(FileChanged& changed) const {
    CompleteFile(record, SubjectOf(row, Role::kFd), changed.file);
  }

  void operator()(SocketCalled& called) const {
    const bool accepted = row.action == Action::kAccept;
    auto socket = RecordedSocket(record, SubjectOf(row, Role::kFd));
    if (accepted && record.head.result >= 0) {
      socket = RecordedSocket(record, GW_RESULT);
    }
    if (!socket) return;
    const Socket asked = std::exchange(called.socket, *std::move(socket));
    // A refused connection has no peer, and a datagram's is not the socket's:
    // then it is as the program passed it.
    Address& remote = called.socket.remote;
    const bool known = !remote.ip.empty() || !remote.path.empty();
    if (!known || row.action == Action::kSendTo) remote = asked.remote;
    if (called.socket.local.ip.empty() && called.socket.local.path.empty()) {
      called.socket.local = asked.local;
    }
  }

  void operator()(SignalSent& sent) const { CompleteTarget(sent.target); }
  void operator()(ProcessAccessed& accessed) const {
    CompleteTarget(accessed.target);
  }
  void operator()(NamespaceChanged& changed) const {
    CompleteTarget(changed.target);
    if (changed.operation != NamespaceOperation::kJoin) return;
    changed.path = RecordedLink(record, SubjectOf(row, Role::kFd));
  }

  // Where a pidfd names the process.
  void CompleteTarget(pid_t& target) const {
    if (const auto process = RecordedTarget(row, record)) target = *process;
  }

  void operator()(KernelInterfaceUsed& used) const {
    const std::string link = RecordedLink(record, SubjectOf(row, Role::kFd));
    if (!link.empty()) used.name = link;
  }

  void operator()(MemoryMadeExecutable& made) const {
    made.path = RecordedDescriptor(record, SubjectOf(row, Role::kFd)).path;
  }

  void operator()(DescriptorDuplicated& duplicated) const {
    duplicated.descriptor =
        RecordedDescriptor(record, SubjectOf(row, Role::kFd));
  }

  template <typename Other>
  void operator()(Other&) const {}
};

}  // namespace

absl::StatusOr<LocatedCall> LocateRecorded(const SyscallRow& row,
                                           const Record& record) {
  RegisterArguments arguments;
  std::copy(std::begin(record.head.arguments), std::end(record.head.arguments),
            arguments.begin());
  LocatedCall located;
  DecodedCall& call = located.call;
  GATEWATCH_ASSIGN_OR_RETURN(call,
                             Decode(row, arguments, RecordedMemory(record)));
  call.truncated |= record.head.truncated != 0;
  if (HasRole(row, Role::kPath)) {
    const int base = BaseOf(row, Role::kDirFd, call.dir_fd);
    located.raw_path = MakeAbsolute(record, base, call.path);
  } else if (NamesFileByDescriptor(row)) {
    located.raw_path =
        MakeAbsolute(record, SubjectOf(row, Role::kFd), call.path);
  } else if (HasRole(row, Role::kMountPoint)) {
    const int base = BaseOf(row, Role::kDirFd, call.dir_fd);
    located.raw_path = MakeAbsolute(record, base, call.path);
  }
  if (HasRole(row, Role::kNewPath)) {
    const int base = BaseOf(row, Role::kNewDirFd, call.new_dir_fd);
    located.raw_new_path = MakeAbsolute(record, base, call.new_path);
  }
  return located;
}

std::optional<Detail> DescribeRecorded(const SyscallRow& row,
                                       const Record& record,
                                       LocatedCall located) {
  if (IsOnItself(row, record, located.call)) return std::nullopt;
  // Pid 0 is no process: every look at it says "not known".
  Caller caller;
  if (LooksAtOthers(row)) {
    caller.pid = static_cast<pid_t>(record.head.task.pid);
    caller.tid = static_cast<pid_t>(record.head.task.tid);
  }
  const ProcReader proc;
  auto detail = Describe(proc, row, std::move(located), caller);
  if (detail) std::visit(Completion{row, record}, *detail);
  return detail;
}

Outcome RecordedOutcome(const Record& record) {
  const int64_t result = record.head.result;
  if (result >= 0) return {OutcomeStatus::kSucceeded, 0, result};
  // It goes on by itself (connect), or is made again.
  if (-result >= kFirstRestart && -result <= kLastRestart) return {};
  return {OutcomeStatus::kFailed, static_cast<int>(-result), 0};
}

}  // namespace gatewatch::probes
