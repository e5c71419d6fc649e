#include "detection/presumed_outcome.h"

#include <linux/capability.h>
#include <sched.h>

#include <algorithm>
#include <initializer_list>

namespace gatewatch::detection {
namespace {

using v1::Event;
using v1::FileChange;
using v1::KernelInterface;
using v1::ProcessAccess;

// The least descriptor that stands for nothing in particular.
constexpr int64_t kSomeDescriptor = 3;

bool HasCapability(const EventView& view, std::initializer_list<int> any) {
  if (view.process == nullptr) return false;
  const uint64_t held = view.process->credentials().effective_capabilities();
  return std::any_of(any.begin(), any.end(), [held](int capability) {
    return (held >> capability & 1) != 0;
  });
}

// The permission bits of a file are not part of an event: an open that they
// forbid is taken for one that they allow.
std::optional<int64_t> OfOpen(const EventView& view) {
  const v1::FileOpen& open = view.event->file_open();
  const bool exists = open.file().kind() != v1::File::KIND_UNKNOWN;
  if (!exists && !open.creates()) return std::nullopt;
  return kSomeDescriptor;
}

// What makes a name needs it to be free, the rest something to change.
std::optional<int64_t> OfFileChange(const EventView& view) {
  const FileChange& change = view.event->file_change();
  const FileChange::Operation operation = change.operation();
  const bool makes = operation == FileChange::OPERATION_MKDIR ||
                     operation == FileChange::OPERATION_MKNOD;
  const bool by_descriptor = !makes && change.file().raw_path().empty();
  const bool exists =
      by_descriptor || change.file().kind() != v1::File::KIND_UNKNOWN;
  if (operation != FileChange::OPERATION_SYMLINK && makes == exists) {
    return std::nullopt;
  }
  const bool needs_target = operation == FileChange::OPERATION_SYMLINK ||
                            operation == FileChange::OPERATION_LINK;
  const bool taken = change.target().kind() != v1::File::KIND_UNKNOWN;
  if (needs_target && taken) return std::nullopt;
  return 0;
}

// Nobody may ever come to accept, and only root may open a raw socket.
std::optional<int64_t> OfSocketCall(const EventView& view) {
  const Event& event = *view.event;
  if (event.syscall().rfind("accept", 0) == 0) {
    const v1::Address& peer = event.socket_call().socket().remote();
    if (peer.ip().empty() && peer.path().empty()) return std::nullopt;
    return kSomeDescriptor;
  }
  if (event.syscall() != "socket") return 0;
  if (!HasCapability(view, {CAP_NET_RAW})) return std::nullopt;
  return kSomeDescriptor;
}

std::optional<int64_t> OfNamespaceChange(const EventView& view) {
  const uint32_t others =
      view.event->namespace_change().namespaces() & ~uint32_t{CLONE_NEWUSER};
  const bool user_only =
      others == 0 && view.event->namespace_change().namespaces() != 0;
  if (!user_only && !HasCapability(view, {CAP_SYS_ADMIN})) return std::nullopt;
  return 0;
}

std::optional<int64_t> OfKernelInterface(const EventView& view) {
  switch (view.event->kernel_interface().interface()) {
    case KernelInterface::INTERFACE_LOAD_MODULE:
    case KernelInterface::INTERFACE_UNLOAD_MODULE:
      if (!HasCapability(view, {CAP_SYS_MODULE})) return std::nullopt;
      return 0;
    case KernelInterface::INTERFACE_BPF:
      if (!HasCapability(view, {CAP_BPF, CAP_SYS_ADMIN})) return std::nullopt;
      return kSomeDescriptor;
    case KernelInterface::INTERFACE_PERF_EVENT:
      if (!HasCapability(view, {CAP_PERFMON, CAP_SYS_ADMIN})) {
        return std::nullopt;
      }
      return kSomeDescriptor;
    case KernelInterface::INTERFACE_OPEN_BY_HANDLE:
      if (!HasCapability(view, {CAP_DAC_READ_SEARCH})) return std::nullopt;
      return kSomeDescriptor;
    default:
      return kSomeDescriptor;
  }
}

std::optional<int64_t> OfMount(const EventView& view) {
  const bool chroot = view.event->mount_change().operation() ==
                      v1::MountChange::OPERATION_CHROOT;
  if (!HasCapability(view, {chroot ? CAP_SYS_CHROOT : CAP_SYS_ADMIN})) {
    return std::nullopt;
  }
  return 0;
}

// An id that the process has already, or one that a capability lets it take.
std::optional<int64_t> OfCredentialChange(const EventView& view) {
  if (view.process == nullptr) return std::nullopt;
  const v1::CredentialChange& change = view.event->credential_change();
  const v1::Credentials& own = view.process->credentials();
  const bool keeps_uid = !change.has_uid() || change.uid() == own.uid() ||
                         change.uid() == own.effective_uid() ||
                         change.uid() == own.saved_uid();
  const bool keeps_gid =
      change.groups().empty() &&
      (!change.has_gid() || change.gid() == own.gid() ||
       change.gid() == own.effective_gid() || change.gid() == own.saved_gid());
  if (!keeps_uid && !HasCapability(view, {CAP_SETUID})) return std::nullopt;
  if (!keeps_gid && !HasCapability(view, {CAP_SETGID})) return std::nullopt;
  return 0;
}

std::optional<int64_t> OfExec(const EventView& view) {
  if (!view.event->process_exec().confirmed()) return std::nullopt;
  return 0;
}

std::optional<int64_t> OfDup(const EventView& view) {
  const v1::DescriptorDup& dup = view.event->descriptor_dup();
  if (dup.refers_to().kind() == v1::Descriptor::KIND_CLOSED) {
    return std::nullopt;
  }
  return dup.new_fd();
}

std::optional<int64_t> OfMemoryFile(const EventView&) {
  return kSomeDescriptor;
}

std::optional<int64_t> NothingInTheWay(const EventView&) { return 0; }

struct Row {
  Event::DetailCase detail;
  std::optional<int64_t> (*presume)(const EventView& view);
};
// What is not here is no call.
constexpr Row kRows[] = {
    {Event::kProcessExec, OfExec},
    {Event::kCredentialChange, OfCredentialChange},
    {Event::kProcessAccess, NothingInTheWay},
    {Event::kMemoryFile, OfMemoryFile},
    {Event::kDescriptorDup, OfDup},
    {Event::kSignalSend, NothingInTheWay},
    {Event::kNamespaceChange, OfNamespaceChange},
    {Event::kExecutableMemory, NothingInTheWay},
    {Event::kFileOpen, OfOpen},
    {Event::kFileChange, OfFileChange},
    {Event::kMountChange, OfMount},
    {Event::kKernelInterface, OfKernelInterface},
    {Event::kSocketCall, OfSocketCall},
};

}  // namespace

std::optional<CallResult> ResultOf(const EventView& view) {
  const v1::Outcome& outcome = view.event->outcome();
  if (outcome.status() == v1::Outcome::STATUS_SUCCEEDED) {
    return CallResult{.value = outcome.return_value()};
  }
  if (outcome.status() == v1::Outcome::STATUS_FAILED) {
    const int64_t error = outcome.error();
    return CallResult{.value = error == 0 ? -1 : -error};
  }
  for (const Row& row : kRows) {
    if (row.detail != view.event->detail_case()) continue;
    const std::optional<int64_t> value = row.presume(view);
    if (!value) return std::nullopt;
    // A changed image was seen, which is as good as a result.
    const bool presumed = row.detail != Event::kProcessExec;
    return CallResult{.value = *value, .presumed = presumed};
  }
  return std::nullopt;
}

}  // namespace gatewatch::detection
