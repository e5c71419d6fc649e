#include "probes/calls/call_describer.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "probes/calls/privileged_calls.h"
#include "probes/procfs/parsers.h"
#include "probes/procfs/path_resolver.h"
#include "probes/procfs/socket_reader.h"

namespace gatewatch::probes {
namespace {

bool HasRole(const SyscallRow& row, Role role) {
  return std::find(row.roles.begin(), row.roles.end(), role) != row.roles.end();
}

File FileOf(std::string path, std::optional<std::string> raw_path) {
  File file;
  file.raw_path = raw_path ? *std::move(raw_path) : path;
  file.path = std::move(path);
  return file;
}

// Makes `path` absolute; what it was when that differs.
absl::StatusOr<std::optional<std::string>> MakeAbsolute(const ProcReader& proc,
                                                        const Caller& caller,
                                                        int dir_fd,
                                                        std::string& path) {
  // The usual case, and the cheap one.
  const bool absolute = absl::StartsWith(path, "/");
  std::optional<std::string> raw;
  if (!absolute || absl::StrContains(path, "/.") ||
      absl::StrContains(path, "//") || absl::StartsWith(path, "/proc/")) {
    raw = path;
  }
  GATEWATCH_ASSIGN_OR_RETURN(path, AbsolutePath(proc, caller.pid, caller.tid,
                                                dir_fd, std::move(path)));
  return raw;
}

Existence Look(const Caller& caller, bool follow, File& file) {
  // Named by a descriptor: it is there, whatever its path leads to by now.
  if (file.raw_path.empty()) return Existence::kExists;
  const auto root = OpenRoot(caller.tid);
  if (!root.ok()) return Existence::kUnknown;
  return LookAt(root->get(), follow, file);
}

bool Missing(const Caller& caller, bool follow, File& file) {
  return Look(caller, follow, file) == Existence::kMissing;
}

std::optional<Detail> DescribeOpen(LocatedCall located, const Caller& caller) {
  FileOpened opened;
  opened.file =
      FileOf(std::move(located.call.path), std::move(located.raw_path));
  opened.flags = located.call.flags;
  opened.mode = located.call.mode;
  const bool follow = (opened.flags & O_NOFOLLOW) == 0;
  if (Missing(caller, follow, opened.file)) {
    if ((opened.flags & O_CREAT) == 0) return std::nullopt;
    opened.creates = true;
  }
  return opened;
}

FileOperation OperationOf(const SyscallRow& row, uint32_t flags) {
  switch (row.action) {
    case Action::kUnlink:
      return (flags & AT_REMOVEDIR) != 0 ? FileOperation::kRmdir
                                         : FileOperation::kUnlink;
    case Action::kRename:
      return FileOperation::kRename;
    case Action::kLink:
      return FileOperation::kLink;
    case Action::kSymlink:
      return FileOperation::kSymlink;
    case Action::kChmod:
      return FileOperation::kChmod;
    case Action::kChown:
      return FileOperation::kChown;
    case Action::kMkdir:
      return FileOperation::kMkdir;
    case Action::kTruncate:
      return FileOperation::kTruncate;
    case Action::kMknod:
      return FileOperation::kMknod;
    case Action::kSetAttribute:
      return FileOperation::kSetAttribute;
    case Action::kRemoveAttribute:
      return FileOperation::kRemoveAttribute;
    default:
      return FileOperation::kRmdir;
  }
}

// What changes a file's content or attributes follows links, unless its name
// or a flag says otherwise; what removes or renames does not.
bool FollowsLinks(const SyscallRow& row, uint32_t flags) {
  switch (row.action) {
    case Action::kChmod:
    case Action::kChown:
    case Action::kTruncate:
    case Action::kSetAttribute:
    case Action::kRemoveAttribute:
      return row.name[0] != 'l' && (flags & AT_SYMLINK_NOFOLLOW) == 0;
    default:
      return false;
  }
}

std::optional<Detail> DescribeFileChange(const SyscallRow& row,
                                         LocatedCall located,
                                         const Caller& caller) {
  DecodedCall& call = located.call;
  FileChanged changed;
  changed.operation = OperationOf(row, call.flags);
  changed.mode = call.mode;
  changed.uid = call.uid.value_or(UINT32_MAX);
  changed.gid = call.gid.value_or(UINT32_MAX);
  changed.flags = call.flags;
  changed.length = call.size;
  changed.node_device = call.node_device;
  changed.file = FileOf(std::move(call.path), std::move(located.raw_path));
  changed.target =
      FileOf(std::move(call.new_path), std::move(located.raw_new_path));
  if (changed.operation == FileOperation::kSymlink) {
    changed.file.raw_path = std::move(call.text);
    return changed;
  }
  changed.attribute = std::move(call.text);
  const bool missing =
      Missing(caller, FollowsLinks(row, call.flags), changed.file);
  const bool makes = changed.operation == FileOperation::kMkdir ||
                     changed.operation == FileOperation::kMknod;
  // mkdir of what exists already (mkdir -p) fails and changes nothing.
  const bool exists = changed.file.kind != FileKind::kUnknown;
  if (makes ? exists : missing) return std::nullopt;
  return changed;
}

std::optional<Detail> DescribeSocketCall(const SyscallRow& row,
                                         const DecodedCall& call,
                                         const Caller& caller) {
  SocketCalled called;
  called.fd = call.fd;
  if (row.action == Action::kSocket) {
    called.socket.type = call.socket_type;
    called.socket.protocol = call.protocol;
    called.socket.family = call.family;
    return called;
  }
  if (auto socket = ReadSocket(caller.pidfd, call.fd); socket.ok()) {
    called.socket = *std::move(socket);
  }
  if (call.family != 0) {
    called.socket.family = call.family;
    (row.action == Action::kBind ? called.socket.local : called.socket.remote) =
        call.address;
  }
  return called;
}

Detail DescribeSetIds(DecodedCall call) {
  return CredentialsRequested{call.uid,
                              call.effective_uid,
                              call.saved_uid,
                              call.gid,
                              call.effective_gid,
                              call.saved_gid,
                              call.file_system_uid,
                              call.file_system_gid,
                              std::move(call.groups),
                              call.capabilities};
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

// Also where the socket itself may not be asked: in a pod without a
// capability, say.
absl::StatusOr<Socket> SocketOf(const ProcReader& proc, const Caller& caller,
                                int fd) {
  auto socket = ReadSocket(caller.pidfd, fd);
  if (!absl::IsPermissionDenied(socket.status())) return socket;
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string link,
      proc.Link(caller.pid, absl::StrCat("fd/", fd).c_str()));
  return FindSocket(ParseNamespaceLink(link));
}

}  // namespace

absl::StatusOr<LocatedCall> Locate(const ProcReader& proc, DecodedCall call,
                                   const SyscallRow& row,
                                   const Caller& caller) {
  LocatedCall located;
  if (HasRole(row, Role::kPath)) {
    GATEWATCH_ASSIGN_OR_RETURN(
        located.raw_path, MakeAbsolute(proc, caller, call.dir_fd, call.path));
  } else if (NamesFileByDescriptor(row)) {
    GATEWATCH_ASSIGN_OR_RETURN(located.raw_path,
                               MakeAbsolute(proc, caller, call.fd, call.path));
  } else if (HasRole(row, Role::kMountPoint)) {
    // An attempt on a folder that is not there is one all the same.
    std::string path = call.path;
    if (auto raw = MakeAbsolute(proc, caller, call.dir_fd, path); raw.ok()) {
      located.raw_path = *std::move(raw);
      call.path = std::move(path);
    }
  }
  if (HasRole(row, Role::kNewPath)) {
    GATEWATCH_ASSIGN_OR_RETURN(
        located.raw_new_path,
        MakeAbsolute(proc, caller, call.new_dir_fd, call.new_path));
  }
  located.call = std::move(call);
  return located;
}

std::optional<Detail> Describe(const ProcReader& proc, const SyscallRow& row,
                               LocatedCall located, const Caller& caller) {
  DecodedCall& call = located.call;
  switch (row.action) {
    case Action::kOpen:
      return DescribeOpen(std::move(located), caller);
    case Action::kUnlink:
    case Action::kRename:
    case Action::kLink:
    case Action::kSymlink:
    case Action::kChmod:
    case Action::kChown:
    case Action::kMkdir:
    case Action::kRmdir:
    case Action::kTruncate:
    case Action::kMknod:
    case Action::kSetAttribute:
    case Action::kRemoveAttribute:
      return DescribeFileChange(row, std::move(located), caller);
    case Action::kConnect:
    case Action::kBind:
    case Action::kListen:
    case Action::kAccept:
    case Action::kSendTo:
    case Action::kSocket:
      return DescribeSocketCall(row, call, caller);
    case Action::kMemfd:
      return MemoryFileCreated{std::move(call.text), call.flags};
    case Action::kDup:
      return DescriptorDuplicated{call.fd, call.new_fd,
                                  DescribeDescriptor(proc, caller, call.fd)};
    case Action::kSetIds:
      return DescribeSetIds(std::move(call));
    case Action::kExec:
    case Action::kExit:
      return std::nullopt;
    default:
      return DescribePrivileged(proc, row, std::move(located), caller);
  }
}

bool ExecutableExists(const LocatedCall& located, const Caller& caller) {
  File file = FileOf(located.call.path, located.raw_path);
  return !Missing(caller, true, file);
}

Descriptor DescribeDescriptor(const ProcReader& proc, const Caller& caller,
                              int fd) {
  Descriptor descriptor = proc.ReadDescriptor(caller.pid, fd);
  if (descriptor.kind == DescriptorKind::kSocket) {
    auto socket = SocketOf(proc, caller, fd);
    if (socket.ok()) descriptor.socket = *std::move(socket);
  }
  return descriptor;
}

}  // namespace gatewatch::probes
