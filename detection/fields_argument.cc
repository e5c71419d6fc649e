// evt.arg.*, target.*: the arguments of a call.

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/field.h"
#include "detection/flag_names.h"
#include "detection/outcome_text.h"

namespace gatewatch::detection {
namespace {

using v1::Event;
using v1::FileChange;

void Text(absl::string_view text, Values& values) {
  values.push_back(TextValue(text));
}

// Text that the event holds.
void Borrow(absl::string_view text, Values& values) {
  values.push_back(BorrowedText(text));
}

void NonEmpty(absl::string_view text, Values& values) {
  if (!text.empty()) Text(text, values);
}

void OpenMode(const EventView& view, int mode, Values& values) {
  if (!view.event->has_file_open()) return;
  const int access =
      static_cast<int>(view.event->file_open().flags()) & O_ACCMODE;
  values.push_back(BoolValue(access == mode || access == O_RDWR));
}

void IsOpenRead(const EventView& view, const FieldArgument&, Values& values) {
  OpenMode(view, O_RDONLY, values);
}

void IsOpenWrite(const EventView& view, const FieldArgument&, Values& values) {
  OpenMode(view, O_WRONLY, values);
}

void IsOpenExec(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_file_open()) return;
  const v1::FileOpen& open = view.event->file_open();
  values.push_back(BoolValue(open.creates() && (open.mode() & 0111) != 0));
}

// Only mount(2)'s flags are of one set; the steps that replace it have their
// own.
std::string MountFlags(const v1::MountChange& change) {
  return change.operation() == v1::MountChange::OPERATION_MOUNT
             ? MountFlagNames(change.flags())
             : absl::StrCat(change.flags());
}

void Flags(const EventView& view, const FieldArgument&, Values& values) {
  if (view.event->has_file_open()) {
    Text(OpenFlagNames(view.event->file_open().flags()), values);
  } else if (view.event->has_memory_file()) {
    Text(MemoryFileFlagNames(view.event->memory_file().flags()), values);
  } else if (view.event->has_file_change()) {
    Text(absl::StrCat(view.event->file_change().flags()), values);
  } else if (view.event->has_mount_change()) {
    Text(MountFlags(view.event->mount_change()), values);
  } else if (view.event->has_namespace_change()) {
    Text(NamespaceNames(view.event->namespace_change().namespaces()), values);
  } else if (view.event->has_executable_memory()) {
    Text(MappingFlagNames(view.event->executable_memory().flags()), values);
  } else if (view.event->has_kernel_interface()) {
    Text(absl::StrCat(view.event->kernel_interface().flags()), values);
  } else if (view.event->has_process_exec() && view.process != nullptr) {
    // Falco's flags of an exec.
    const v1::Executable& file = view.process->executable();
    std::vector<absl::string_view> names;
    if (file.upper_layer()) names.push_back("EXE_UPPER_LAYER");
    if (file.in_memory()) names.push_back("EXE_FROM_MEMFD");
    Text(names.empty() ? "0" : absl::StrJoin(names, "|"), values);
  }
}

bool HasTwoNames(const Event& event) {
  const auto operation = event.file_change().operation();
  return operation == FileChange::OPERATION_RENAME ||
         operation == FileChange::OPERATION_LINK;
}

bool IsSymlink(const Event& event) {
  return event.file_change().operation() == FileChange::OPERATION_SYMLINK;
}

// path, name and filename: Falco's names for the same differ by the call.
void Path(const EventView& view, const FieldArgument&, Values& values) {
  const Event& event = *view.event;
  if (event.has_file_open()) {
    Borrow(event.file_open().file().path(), values);
  } else if (event.has_file_change() && !HasTwoNames(event) &&
             !IsSymlink(event)) {
    Borrow(event.file_change().file().path(), values);
  } else if (event.has_memory_file()) {
    Text(event.memory_file().name(), values);
  } else if (event.has_process_exec()) {
    Borrow(event.process_exec().filename(), values);
  } else if (event.has_mount_change()) {
    NonEmpty(event.mount_change().target().path(), values);
  } else if (event.has_namespace_change()) {
    NonEmpty(event.namespace_change().path(), values);
  } else if (event.has_kernel_interface()) {
    NonEmpty(event.kernel_interface().name(), values);
  }
}

void OldPath(const EventView& view, const FieldArgument&, Values& values) {
  if (HasTwoNames(*view.event)) {
    Text(view.event->file_change().file().path(), values);
  }
}

void NewPath(const EventView& view, const FieldArgument&, Values& values) {
  if (HasTwoNames(*view.event)) {
    Text(view.event->file_change().target().path(), values);
  }
}

void LinkTarget(const EventView& view, const FieldArgument&, Values& values) {
  if (IsSymlink(*view.event)) {
    Text(view.event->file_change().file().raw_path(), values);
  }
}

void LinkPath(const EventView& view, const FieldArgument&, Values& values) {
  if (IsSymlink(*view.event)) {
    Text(view.event->file_change().target().path(), values);
  }
}

void Mode(const EventView& view, const FieldArgument&, Values& values) {
  if (view.event->has_file_open()) {
    Text(ModeNames(view.event->file_open().mode()), values);
  } else if (view.event->has_file_change()) {
    Text(ModeNames(view.event->file_change().mode()), values);
  }
}

// What acts on another process: which, as far as it is known.
struct Target {
  int pid = 0;
  const v1::ProcessRef* process = nullptr;
};

Target TargetOf(const Event& event) {
  if (event.has_process_access()) {
    const v1::ProcessAccess& access = event.process_access();
    return {access.target_pid(), &access.target()};
  }
  if (event.has_signal_send()) {
    return {event.signal_send().target_pid(), &event.signal_send().target()};
  }
  if (event.has_namespace_change()) {
    const v1::NamespaceChange& change = event.namespace_change();
    return {change.target_pid(), &change.target()};
  }
  return {};
}

void Request(const EventView& view, const FieldArgument&, Values& values) {
  const v1::ProcessAccess& access = view.event->process_access();
  if (!view.event->has_process_access() ||
      access.method() != v1::ProcessAccess::METHOD_PTRACE) {
    return;
  }
  Text(PtraceRequestName(access.request()), values);
}

void TargetPid(const EventView& view, const FieldArgument&, Values& values) {
  const int pid = TargetOf(*view.event).pid;
  if (pid != 0) values.push_back(NumberValue(pid));
}

void TargetKey(const EventView& view, const FieldArgument&, Values& values) {
  const Target target = TargetOf(*view.event);
  if (target.process != nullptr) NonEmpty(target.process->key(), values);
}

void TargetIsAgent(const EventView& view, const FieldArgument&,
                   Values& values) {
  values.push_back(BoolValue(view.event->on_agent()));
}

void Signal(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_signal_send()) return;
  Text(SignalName(view.event->signal_send().signal()), values);
}

void NamespaceType(const EventView& view, const FieldArgument&,
                   Values& values) {
  if (!view.event->has_namespace_change()) return;
  Text(NamespaceNames(view.event->namespace_change().namespaces()), values);
}

// What is mounted, or the number of the device that a node stands for.
void Device(const EventView& view, const FieldArgument&, Values& values) {
  if (view.event->has_mount_change()) {
    NonEmpty(view.event->mount_change().source(), values);
  } else if (view.event->file_change().operation() ==
             FileChange::OPERATION_MKNOD) {
    Text(absl::StrCat(view.event->file_change().node_device()), values);
  }
}

void MountPoint(const EventView& view, const FieldArgument&, Values& values) {
  NonEmpty(view.event->mount_change().target().path(), values);
}

void FileSystem(const EventView& view, const FieldArgument&, Values& values) {
  NonEmpty(view.event->mount_change().file_system(), values);
}

// Published rules give it by name or by number.
void Command(const EventView& view, const FieldArgument&, Values& values) {
  const v1::KernelInterface& used = view.event->kernel_interface();
  if (used.interface() != v1::KernelInterface::INTERFACE_BPF) return;
  Text(BpfCommandName(used.command()), values);
  Text(absl::StrCat(used.command()), values);
}

void Protection(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_executable_memory()) return;
  Text(ProtectionNames(view.event->executable_memory().protection()), values);
}

void Length(const EventView& view, const FieldArgument&, Values& values) {
  if (view.event->has_executable_memory()) {
    values.push_back(NumberValue(
        static_cast<int64_t>(view.event->executable_memory().length())));
  } else if (view.event->file_change().operation() ==
             FileChange::OPERATION_TRUNCATE) {
    values.push_back(
        NumberValue(static_cast<int64_t>(view.event->file_change().length())));
  }
}

void Attribute(const EventView& view, const FieldArgument&, Values& values) {
  NonEmpty(view.event->file_change().attribute(), values);
}

// An id that stays as it is (-1) is no request.
void RequestedId(bool present, uint32_t id, Values& values) {
  if (present) values.push_back(NumberValue(static_cast<int32_t>(id)));
}

void RequestedUid(const EventView& view, const FieldArgument&, Values& values) {
  const v1::CredentialChange& change = view.event->credential_change();
  RequestedId(change.has_uid(), change.uid(), values);
}

void RequestedGid(const EventView& view, const FieldArgument&, Values& values) {
  const v1::CredentialChange& change = view.event->credential_change();
  RequestedId(change.has_gid(), change.gid(), values);
}

void RequestedGroups(const EventView& view, const FieldArgument&,
                     Values& values) {
  const auto& groups = view.event->credential_change().groups();
  if (!groups.empty()) Text(absl::StrJoin(groups, ","), values);
}

void RequestedCapabilities(const EventView& view, const FieldArgument&,
                           Values& values) {
  const v1::CredentialChange& change = view.event->credential_change();
  if (!change.has_capabilities()) return;
  Text(CapabilityNames(change.capabilities().effective()), values);
}

void OldFd(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_descriptor_dup()) return;
  values.push_back(NumberValue(view.event->descriptor_dup().old_fd()));
}

void NewFd(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_descriptor_dup()) return;
  values.push_back(NumberValue(view.event->descriptor_dup().new_fd()));
}

void Domain(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_socket_call()) return;
  Text(FamilyName(view.event->socket_call().socket().family()), values);
}

void Result(const EventView& view, const FieldArgument&, Values& values) {
  AddOutcome(view, values);
}

void Arguments(const EventView& view, const FieldArgument& none,
               Values& values) {
  struct Part {
    absl::string_view name;
    FieldRow::Extract extract;
  };
  constexpr Part kParts[] = {{"path", Path},
                             {"oldpath", OldPath},
                             {"newpath", NewPath},
                             {"target", LinkTarget},
                             {"linkpath", LinkPath},
                             {"flags", Flags},
                             {"mode", Mode},
                             {"request", Request},
                             {"pid", TargetPid},
                             {"uid", RequestedUid},
                             {"gid", RequestedGid},
                             {"oldfd", OldFd},
                             {"newfd", NewFd},
                             {"domain", Domain},
                             {"sig", Signal},
                             {"nstype", NamespaceType},
                             {"dev", Device},
                             {"type", FileSystem},
                             {"cmd", Command},
                             {"prot", Protection},
                             {"length", Length},
                             {"attribute", Attribute},
                             {"groups", RequestedGroups},
                             {"cap_effective", RequestedCapabilities},
                             {"res", Result}};
  std::string text;
  for (const Part& part : kParts) {
    Values found;
    part.extract(view, none, found);
    if (found.empty() || found[0].presumed) continue;
    absl::StrAppend(&text, text.empty() ? "" : " ", part.name, "=",
                    found[0].text);
  }
  Text(text, values);
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"evt.args", kText, Arguments, "all arguments as name=value"},
    {"evt.is_open_read", kBool, IsOpenRead, "an open that can read"},
    {"evt.is_open_write", kBool, IsOpenWrite, "an open that can write"},
    {"evt.is_open_exec", kBool, IsOpenExec, "an open that makes a program"},
    {"evt.arg.flags", kText, Flags, "flags by name, joined by |"},
    {"evt.arg.path", kText, Path, "the path that the call is about"},
    {"evt.arg.name", kText, Path, "the same"},
    {"evt.arg.filename", kText, Path, "the same; of an exec as passed"},
    {"evt.arg.exe", kText, Path, "the same"},
    {"evt.arg.oldpath", kText, OldPath, "rename, link: the old name"},
    {"evt.arg.newpath", kText, NewPath, "rename, link: the new name"},
    {"evt.arg.target", kText, LinkTarget, "symlink: what it holds"},
    {"evt.arg.linkpath", kText, LinkPath, "symlink: its name"},
    {"evt.arg.mode", kText, Mode, "permission bits by name"},
    {"evt.arg.res", kText, Result, "the same as evt.res"},
    {"evt.arg.request", kText, Request, "ptrace: the request by name"},
    {"evt.arg.pid", kNumber, TargetPid, "ptrace, kill: the other process"},
    {"evt.arg.gid", kNumber, RequestedGid, "setgid: the id asked for"},
    {"evt.arg.oldfd", kNumber, OldFd, "dup: the old descriptor"},
    {"evt.arg.newfd", kNumber, NewFd, "dup: the new descriptor"},
    {"evt.arg.domain", kText, Domain, "socket: AF_… by name"},
    {"evt.arg.sig", kText, Signal, "kill: the signal by name"},
    {"evt.arg.nstype", kText, NamespaceType, "setns, unshare: CLONE_NEW…"},
    {"evt.arg.dev", kText, Device, "mount: what; mknod: device number"},
    {"evt.arg.dir", kText, MountPoint, "mount: where"},
    {"evt.arg.type", kText, FileSystem, "mount: type of file system"},
    {"evt.arg.cmd", kText, Command, "bpf: the command, as name and number",
     ArgumentKind::kNone, true},
    {"evt.arg.prot", kText, Protection, "mmap, mprotect: PROT_… by name"},
    {"evt.arg.length", kNumber, Length, "mmap, truncate: bytes"},
    {"evt.arg.attribute", kText, Attribute, "setxattr: the attribute"},
    {"evt.arg.groups", kText, RequestedGroups, "setgroups: the groups"},
    {"evt.arg.cap_effective", kText, RequestedCapabilities,
     "capset: effective capabilities asked for"},
    {"target.pid", kNumber, TargetPid, "the process acted on"},
    {"target.key", kText, TargetKey, "its identity, as `tree` takes it"},
    {"target.is_agent", kBool, TargetIsAgent,
     "it is the agent, its supervisor or a keeper, by pid or by a path in "
     "/proc"},
};

}  // namespace

absl::Span<const FieldRow> ArgumentFields() { return kFields; }

}  // namespace gatewatch::detection
