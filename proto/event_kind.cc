#include "proto/event_kind.h"

namespace gatewatch {
namespace {

absl::string_view ChangeKind(v1::FileChange::Operation operation) {
  switch (operation) {
    case v1::FileChange::OPERATION_UNLINK:
      return "unlink";
    case v1::FileChange::OPERATION_RENAME:
      return "rename";
    case v1::FileChange::OPERATION_LINK:
      return "link";
    case v1::FileChange::OPERATION_SYMLINK:
      return "symlink";
    case v1::FileChange::OPERATION_CHMOD:
      return "chmod";
    case v1::FileChange::OPERATION_CHOWN:
      return "chown";
    case v1::FileChange::OPERATION_MKDIR:
      return "mkdir";
    case v1::FileChange::OPERATION_RMDIR:
      return "rmdir";
    case v1::FileChange::OPERATION_TRUNCATE:
      return "truncate";
    case v1::FileChange::OPERATION_MKNOD:
      return "mknod";
    case v1::FileChange::OPERATION_SET_ATTRIBUTE:
    case v1::FileChange::OPERATION_REMOVE_ATTRIBUTE:
      return "xattr";
    default:  // a later version's operation
      return "file";
  }
}

// The system calls of one kind share a name up to a suffix ("accept4").
absl::string_view SocketKind(absl::string_view syscall) {
  for (const absl::string_view kind :
       {"connect", "bind", "listen", "accept", "sendto", "socket"}) {
    if (syscall.substr(0, kind.size()) == kind) return kind;
  }
  return "sendto";  // sendmsg, sendmmsg
}

}  // namespace

absl::string_view EventKind(const v1::Event& event) {
  switch (event.detail_case()) {
    case v1::Event::kProcessStart:
      return "start";
    case v1::Event::kProcessExec:
      return "exec";
    case v1::Event::kProcessExit:
      return "exit";
    case v1::Event::kCredentialChange:
      return "credentials";
    case v1::Event::kProcessAccess:
      return "ptrace";
    case v1::Event::kMemoryFile:
      return "memfd";
    case v1::Event::kDescriptorDup:
      return "dup";
    case v1::Event::kSignalSend:
      return "signal";
    case v1::Event::kNamespaceChange:
      return "namespace";
    case v1::Event::kExecutableMemory:
      return "execmem";
    case v1::Event::kMountChange:
      return "mount";
    case v1::Event::kKernelInterface:
      return "kernel";
    case v1::Event::kFileOpen:
      return "open";
    case v1::Event::kFileChange:
      return ChangeKind(event.file_change().operation());
    case v1::Event::kSocketCall:
      return SocketKind(event.syscall());
    case v1::Event::kDns:
      return "dns";
    case v1::Event::kAgentStart:
    case v1::Event::kAgentStop:
    case v1::Event::kCoverage:
    case v1::Event::kLoss:
    case v1::Event::DETAIL_NOT_SET:
      return "agent";
  }
  return "agent";
}

const std::vector<absl::string_view>& EventKinds() {
  static const auto* const kinds = new std::vector<absl::string_view>{
      "start",   "exec",    "exit",   "credentials", "ptrace",   "signal",
      "memfd",   "execmem", "dup",    "namespace",   "mount",    "kernel",
      "open",    "unlink",  "rename", "link",        "symlink",  "chmod",
      "chown",   "mkdir",   "rmdir",  "mknod",       "truncate", "xattr",
      "connect", "bind",    "listen", "accept",      "sendto",   "socket",
      "dns",     "agent"};
  return *kinds;
}

absl::string_view DescriptorKindName(v1::Descriptor::Kind kind) {
  switch (kind) {
    case v1::Descriptor::KIND_CLOSED:
      return "closed";
    case v1::Descriptor::KIND_FILE:
      return "file";
    case v1::Descriptor::KIND_DIRECTORY:
      return "directory";
    case v1::Descriptor::KIND_PIPE:
      return "pipe";
    case v1::Descriptor::KIND_SOCKET:
      return "socket";
    case v1::Descriptor::KIND_TERMINAL:
      return "tty";
    case v1::Descriptor::KIND_DEVICE:
      return "device";
    case v1::Descriptor::KIND_MEMORY:
      return "memfd";
    case v1::Descriptor::KIND_ANONYMOUS:
      return "anon";
    default:
      return "";
  }
}

}  // namespace gatewatch
