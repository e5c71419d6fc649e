#include "cli/render_privileged.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/escape.h"
#include "detection/flag_names.h"

namespace gatewatch::cli {
namespace {

const char* MethodName(v1::ProcessAccess::Method method) {
  switch (method) {
    case v1::ProcessAccess::METHOD_READ_MEMORY:
      return "read memory";
    case v1::ProcessAccess::METHOD_WRITE_MEMORY:
      return "write memory";
    case v1::ProcessAccess::METHOD_TAKE_DESCRIPTOR:
      return "take a descriptor";
    default:
      return "";
  }
}

// The steps of a mount by their names.
const char* OperationName(v1::MountChange::Operation operation) {
  switch (operation) {
    case v1::MountChange::OPERATION_MOUNT:
      return "mount";
    case v1::MountChange::OPERATION_UNMOUNT:
      return "unmount";
    case v1::MountChange::OPERATION_PIVOT_ROOT:
      return "pivot root to";
    case v1::MountChange::OPERATION_MOVE:
      return "move mount";
    case v1::MountChange::OPERATION_OPEN_FILE_SYSTEM:
      return "open file system";
    case v1::MountChange::OPERATION_MAKE_MOUNT:
      return "make mount";
    case v1::MountChange::OPERATION_CLONE_TREE:
      return "clone tree";
    case v1::MountChange::OPERATION_SET_ATTRIBUTES:
      return "set attributes of";
    case v1::MountChange::OPERATION_CHROOT:
      return "change root to";
    default:
      return "";
  }
}

const char* InterfaceName(v1::KernelInterface::Interface interface) {
  switch (interface) {
    case v1::KernelInterface::INTERFACE_BPF:
      return "bpf";
    case v1::KernelInterface::INTERFACE_LOAD_MODULE:
      return "load module";
    case v1::KernelInterface::INTERFACE_UNLOAD_MODULE:
      return "unload module";
    case v1::KernelInterface::INTERFACE_USER_FAULT:
      return "userfaultfd";
    case v1::KernelInterface::INTERFACE_IO_URING:
      return "io_uring";
    case v1::KernelInterface::INTERFACE_PERF_EVENT:
      return "perf event of pid";
    case v1::KernelInterface::INTERFACE_OPEN_BY_HANDLE:
      return "open by handle";
    default:
      return "";
  }
}

// " word" for a word that was captured; nothing for none.
std::string Word(const std::string& word) {
  return word.empty() ? "" : absl::StrCat(" ", EscapeForTerminal(word));
}

}  // namespace

std::string DescribeAccess(const v1::ProcessAccess& access) {
  const std::string what = access.method() == v1::ProcessAccess::METHOD_PTRACE
                               ? detection::PtraceRequestName(access.request())
                               : MethodName(access.method());
  if (access.target_pid() == 0) return what;
  return absl::StrCat(what, " of pid ", access.target_pid());
}

std::string DescribeSignal(const v1::SignalSend& send) {
  const std::string name = detection::SignalName(send.signal());
  const int pid = send.target_pid();
  if (pid == -1) return absl::StrCat(name, " to every process");
  if (pid == 0) return absl::StrCat(name, " to its group");
  if (pid < 0) return absl::StrCat(name, " to group ", -int64_t{pid});
  return absl::StrCat(name, " to pid ", pid);
}

std::string DescribeNamespaces(const v1::NamespaceChange& change) {
  std::string text = change.namespaces() == 0
                         ? "any"
                         : detection::NamespaceNames(change.namespaces());
  absl::StrAppend(&text, Word(change.path()));
  if (change.target_pid() != 0) {
    absl::StrAppend(&text, " of pid ", change.target_pid());
  }
  return text;
}

std::string DescribeExecutableMemory(const v1::ExecutableMemory& memory) {
  std::string text =
      absl::StrCat(detection::ProtectionNames(memory.protection()), " ",
                   memory.length(), " bytes");
  if (memory.address() != 0) {
    absl::StrAppendFormat(&text, " at %#x", memory.address());
  }
  return absl::StrCat(text, Word(memory.path()));
}

std::string DescribeMount(const v1::MountChange& change) {
  std::string text = absl::StrCat(OperationName(change.operation()),
                                  Word(change.target().path()));
  if (!change.source().empty()) {
    absl::StrAppend(&text, " from", Word(change.source()));
  }
  if (!change.file_system().empty()) {
    absl::StrAppend(&text, " type", Word(change.file_system()));
  }
  return text;
}

std::string DescribeInterface(const v1::KernelInterface& used) {
  std::string text = InterfaceName(used.interface());
  if (used.interface() == v1::KernelInterface::INTERFACE_BPF) {
    absl::StrAppend(&text, " ", detection::BpfCommandName(used.command()));
  } else if (used.command() != 0) {
    absl::StrAppend(&text, " ", used.command());
  }
  return absl::StrCat(text, Word(used.name()));
}

}  // namespace gatewatch::cli
