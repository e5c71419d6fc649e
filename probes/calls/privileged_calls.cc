#include "probes/calls/privileged_calls.h"

#include <sched.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatewatch::probes {
namespace {

constexpr uint32_t kNewTime = 0x80;  // CLONE_NEWTIME: of clone, signal bits
constexpr uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                 CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                 CLONE_NEWNET;

struct MountRow {
  Action action;
  MountOperation operation;
};
constexpr MountRow kMountOperations[] = {
    {Action::kMount, MountOperation::kMount},
    {Action::kUnmount, MountOperation::kUnmount},
    {Action::kPivotRoot, MountOperation::kPivotRoot},
    {Action::kMoveMount, MountOperation::kMove},
    {Action::kOpenFileSystem, MountOperation::kOpenFileSystem},
    {Action::kMakeMount, MountOperation::kMakeMount},
    {Action::kCloneTree, MountOperation::kCloneTree},
    {Action::kSetMountAttributes, MountOperation::kSetAttributes},
    {Action::kChroot, MountOperation::kChroot},
};

struct InterfaceRow {
  Action action;
  KernelInterface interface;
};
constexpr InterfaceRow kInterfaces[] = {
    {Action::kBpf, KernelInterface::kBpf},
    {Action::kLoadModule, KernelInterface::kLoadModule},
    {Action::kUnloadModule, KernelInterface::kUnloadModule},
    {Action::kUserFault, KernelInterface::kUserFault},
    {Action::kIoUring, KernelInterface::kIoUring},
    {Action::kPerfEvent, KernelInterface::kPerfEvent},
    {Action::kOpenByHandle, KernelInterface::kOpenByHandle},
};

struct AccessRow {
  Action action;
  AccessMethod method;
};
constexpr AccessRow kAccessMethods[] = {
    {Action::kPtrace, AccessMethod::kPtrace},
    {Action::kReadMemory, AccessMethod::kReadMemory},
    {Action::kWriteMemory, AccessMethod::kWriteMemory},
    {Action::kTakeDescriptor, AccessMethod::kTakeDescriptor},
};

// The row of an action; null: it is none of the table's.
template <typename Row, size_t kSize>
const Row* Find(const Row (&rows)[kSize], Action action) {
  const auto* found =
      std::find_if(std::begin(rows), std::end(rows),
                   [&](const Row& row) { return row.action == action; });
  return found == std::end(rows) ? nullptr : found;
}

// The number by which the caller's own pid namespace knows a thread of it.
pid_t OwnNumber(const ProcReader& proc, pid_t tid) {
  const auto status = proc.Status(tid);
  const bool known = status.ok() && status->namespace_pid != 0;
  return known ? status->namespace_pid : tid;
}

// Whether `target`, a process or a thread, is the caller's process.
bool IsSelf(const ProcReader& proc, const Caller& caller, pid_t target) {
  if (target <= 0) return false;
  const pid_t own = OwnNumber(proc, caller.pid);
  if (target == own || target == OwnNumber(proc, caller.tid)) return true;
  if (own != caller.pid) return false;  // other numbers than ours
  const auto status = proc.Status(target);
  return status.ok() && status->thread_group == caller.pid;
}

// The process that the call is made on.
pid_t TargetOf(const ProcReader& proc, const SyscallRow& row,
               const DecodedCall& call, const Caller& caller) {
  const bool by_descriptor = row.roles[0] == Role::kPidFd;
  return by_descriptor ? proc.ProcessOfPidfd(caller.pid, call.fd) : call.pid;
}

std::optional<Detail> DescribeSignal(const ProcReader& proc,
                                     const SyscallRow& row,
                                     const DecodedCall& call,
                                     const Caller& caller) {
  if (call.signal == 0) return std::nullopt;  // is it there?
  const pid_t target = TargetOf(proc, row, call, caller);
  if (IsSelf(proc, caller, target)) return std::nullopt;
  return SignalSent{target, call.signal};
}

std::optional<Detail> DescribeAccess(const ProcReader& proc,
                                     const SyscallRow& row,
                                     const DecodedCall& call,
                                     const Caller& caller,
                                     AccessMethod method) {
  const pid_t target = TargetOf(proc, row, call, caller);
  if (method != AccessMethod::kPtrace && IsSelf(proc, caller, target)) {
    return std::nullopt;
  }
  return ProcessAccessed{call.request, target, method};
}

std::optional<Detail> DescribeClone(const DecodedCall& call) {
  const uint32_t namespaces = call.flags & kNamespaces;
  if (namespaces == 0) return std::nullopt;
  return NamespaceChanged{NamespaceOperation::kClone, namespaces};
}

Detail DescribeJoin(const ProcReader& proc, const DecodedCall& call,
                    const Caller& caller) {
  NamespaceChanged changed;
  changed.operation = NamespaceOperation::kJoin;
  changed.namespaces = call.flags;
  changed.target = proc.ProcessOfPidfd(caller.pid, call.fd);
  if (changed.target == 0) {
    changed.path = proc.Link(caller.pid, absl::StrCat("fd/", call.fd).c_str())
                       .value_or("");
  }
  return changed;
}

Detail DescribeMount(LocatedCall located, MountOperation operation) {
  MountChanged changed;
  changed.operation = operation;
  changed.source = std::move(located.call.text);
  changed.file_system = std::move(located.call.file_system);
  changed.flags = located.call.flags;
  changed.target.raw_path = located.raw_path.value_or(located.call.path);
  changed.target.path = std::move(located.call.path);
  return changed;
}

Detail DescribeInterface(const ProcReader& proc, const DecodedCall& call,
                         const Caller& caller, KernelInterface interface) {
  KernelInterfaceUsed used;
  used.interface = interface;
  used.command = call.request;
  used.flags = call.flags;
  used.name = call.text;
  if (interface == KernelInterface::kLoadModule && call.fd >= 0) {
    const Descriptor file = proc.ReadDescriptor(caller.pid, call.fd);
    if (!file.path.empty()) used.name = file.path;
  }
  return used;
}

Detail DescribeExecutable(const ProcReader& proc, const DecodedCall& call,
                          const Caller& caller) {
  MemoryMadeExecutable made{call.memory_address, call.size, call.protection,
                            call.flags};
  if (call.fd >= 0) made.path = proc.ReadDescriptor(caller.pid, call.fd).path;
  return made;
}

}  // namespace

std::optional<Detail> DescribePrivileged(const ProcReader& proc,
                                         const SyscallRow& row,
                                         LocatedCall located,
                                         const Caller& caller) {
  const DecodedCall& call = located.call;
  if (const auto* known = Find(kAccessMethods, row.action)) {
    return DescribeAccess(proc, row, call, caller, known->method);
  }
  if (const auto* known = Find(kInterfaces, row.action)) {
    return DescribeInterface(proc, call, caller, known->interface);
  }
  if (const auto* known = Find(kMountOperations, row.action)) {
    return DescribeMount(std::move(located), known->operation);
  }
  switch (row.action) {
    case Action::kSignal:
      return DescribeSignal(proc, row, call, caller);
    case Action::kUnshare:
      return NamespaceChanged{NamespaceOperation::kUnshare,
                              call.flags & (kNamespaces | kNewTime)};
    case Action::kCloneNamespaces:
      return DescribeClone(call);
    case Action::kJoinNamespace:
      return DescribeJoin(proc, call, caller);
    case Action::kMakeExecutable:
      return DescribeExecutable(proc, call, caller);
    default:
      return std::nullopt;  // not of these
  }
}

}  // namespace gatewatch::probes
