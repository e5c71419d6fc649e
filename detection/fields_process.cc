// proc.*, thread.*, user.*, group.*: who acts, and its ancestors.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "detection/descriptor_text.h"
#include "detection/field.h"
#include "detection/flag_names.h"
#include "proto/event_kind.h"

namespace gatewatch::detection {
namespace {

using v1::Process;

constexpr uint32_t kUnset = UINT32_MAX;
void Text(absl::string_view text, Values& values) {
  values.push_back(TextValue(text));
}

// Text that the event holds.
void Borrow(absl::string_view text, Values& values) {
  values.push_back(BorrowedText(text));
}

// --- what one process says of itself ----------------------------------------

std::string ArgumentText(const Process& process) {
  const auto& arguments = process.arguments();
  if (arguments.empty()) return "";
  return absl::StrJoin(arguments.begin() + 1, arguments.end(), " ");
}

void Name(const Process& process, Values& values) {
  if (!process.name().empty()) Borrow(process.name(), values);
}

// argv[0]
void Exe(const Process& process, Values& values) {
  if (!process.arguments().empty()) Borrow(process.arguments(0), values);
}

void ExePath(const Process& process, Values& values) {
  if (!process.executable().path().empty()) {
    Borrow(process.executable().path(), values);
  }
}

void CommandLine(const Process& process, Values& values) {
  if (process.name().empty()) return;
  const std::string arguments = ArgumentText(process);
  Text(absl::StrCat(process.name(), arguments.empty() ? "" : " ", arguments),
       values);
}

// With a slash at its end, as Falco has it.
void WorkingDirectory(const Process& process, Values& values) {
  const std::string& path = process.working_directory();
  if (path.empty()) return;
  Text(absl::StrCat(path, absl::EndsWith(path, "/") ? "" : "/"), values);
}

void Pid(const Process& process, Values& values) {
  values.push_back(NumberValue(process.pid()));
}

void ParentPid(const Process& process, Values& values) {
  if (process.parent_pid() != 0) {
    values.push_back(NumberValue(process.parent_pid()));
  }
}

void Tty(const Process& process, Values& values) {
  values.push_back(NumberValue(process.tty()));
}

void Session(const Process& process, Values& values) {
  values.push_back(NumberValue(process.session()));
}

void ProcessGroup(const Process& process, Values& values) {
  values.push_back(NumberValue(process.process_group()));
}

void LeadsGroup(const Process& process, Values& values) {
  values.push_back(BoolValue(process.pid() == process.process_group()));
}

void Key(const Process& process, Values& values) {
  Borrow(process.key(), values);
}

void ParentKey(const Process& process, Values& values) {
  if (process.has_parent()) Borrow(process.parent().key(), values);
}

void IsFromMemory(const Process& process, Values& values) {
  values.push_back(BoolValue(process.executable().in_memory()));
}

void IsUpperLayer(const Process& process, Values& values) {
  values.push_back(BoolValue(process.executable().upper_layer()));
}

void IsNew(const Process& process, Values& values) {
  values.push_back(BoolValue(process.executable().newer_than_container()));
}

void IsDeleted(const Process& process, Values& values) {
  values.push_back(BoolValue(process.executable().deleted()));
}

void WrittenBy(const Process& process, Values& values) {
  const std::string& writer = process.executable().written_by();
  if (!writer.empty()) Borrow(writer, values);
}

void Sha256(const Process& process, Values& values) {
  const std::string& hash = process.executable().sha256();
  if (!hash.empty()) Borrow(hash, values);
}

void Inode(const Process& process, Values& values) {
  values.push_back(
      NumberValue(static_cast<int64_t>(process.executable().inode())));
}

void ModifyTime(const Process& process, Values& values) {
  values.push_back(
      NumberValue(static_cast<int64_t>(process.executable().modify_time_ns())));
}

void ChangeTime(const Process& process, Values& values) {
  values.push_back(
      NumberValue(static_cast<int64_t>(process.executable().change_time_ns())));
}

void EffectiveCapabilities(const Process& process, Values& values) {
  Text(CapabilityNames(process.credentials().effective_capabilities()), values);
}

void PermittedCapabilities(const Process& process, Values& values) {
  Text(CapabilityNames(process.credentials().permitted_capabilities()), values);
}

void Uid(const Process& process, Values& values) {
  values.push_back(NumberValue(process.credentials().effective_uid()));
}

void RealUid(const Process& process, Values& values) {
  values.push_back(NumberValue(process.credentials().uid()));
}

void UserName(const Process& process, Values& values) {
  const std::string& name = process.credentials().user_name();
  if (!name.empty()) Borrow(name, values);
}

void LoginUid(const Process& process, Values& values) {
  const uint32_t uid = process.credentials().login_uid();
  values.push_back(NumberValue(uid == kUnset ? -1 : int64_t{uid}));
}

void Gid(const Process& process, Values& values) {
  values.push_back(NumberValue(process.credentials().effective_gid()));
}

// --- whose ------------------------------------------------------------------

using OfProcess = void (*)(const Process& process, Values& values);

template <OfProcess kWhat>
void Own(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process != nullptr) kWhat(*view.process, values);
}

template <OfProcess kWhat>
void Parents(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.ancestors.empty()) kWhat(*view.ancestors[0], values);
}

// [0] is the process itself, [1] its parent; without an index every ancestor,
// not the process itself.
template <OfProcess kWhat>
void Ancestors(const EventView& view, const FieldArgument& argument,
               Values& values) {
  if (argument.given && argument.index == 0) {
    Own<kWhat>(view, argument, values);
  } else if (argument.given) {
    if (argument.index <= view.ancestors.size()) {
      kWhat(*view.ancestors[argument.index - 1], values);
    }
  } else {
    for (const Process* ancestor : view.ancestors) kWhat(*ancestor, values);
  }
}

template <int kFd>
void StdioType(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr || view.process->stdio_size() <= kFd) return;
  const absl::string_view kind =
      DescriptorKindName(view.process->stdio(kFd).kind());
  if (!kind.empty()) Text(kind, values);
}

template <int kFd>
void StdioName(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr || view.process->stdio_size() <= kFd) return;
  const std::string name = DescriptorName(view.process->stdio(kFd));
  if (!name.empty()) Text(name, values);
}

void Duration(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr || view.process->start_time_ns() == 0) return;
  values.push_back(NumberValue(static_cast<int64_t>(
      view.event->time_ns() - view.process->start_time_ns())));
}

void Arguments(const EventView& view, const FieldArgument& argument,
               Values& values) {
  if (view.process == nullptr) return;
  const auto& all = view.process->arguments();
  if (!argument.given) return Text(ArgumentText(*view.process), values);
  for (int i = 1; i < all.size(); ++i) {
    const bool asked =
        argument.each() || static_cast<size_t>(i - 1) == argument.index;
    if (asked) Text(all[i], values);
  }
}

void Environment(const EventView& view, const FieldArgument& argument,
                 Values& values) {
  if (view.process == nullptr) return;
  const auto& all = view.process->environment();
  if (!argument.given) return Text(absl::StrJoin(all, " "), values);
  for (absl::string_view variable : all) {
    if (argument.each()) {
      Text(variable, values);
    } else if (absl::ConsumePrefix(&variable, argument.text) &&
               absl::ConsumePrefix(&variable, "=")) {
      Text(variable, values);
    }
  }
}

// In a task whose containers share a pid namespace, process 1 is the pause
// container's. Rules know the start of a container by process 1, so that the
// process that each container was started with counts as such.
bool StartedContainer(const EventView& view, const Process& process,
                      absl::Span<const Process* const> ancestors) {
  constexpr uint64_t kStartNs = 2'000'000'000;  // from process to container
  if (view.container == nullptr || process.container_id().empty() ||
      view.container->start_time_ns() == 0 ||
      process.start_time_ns() > view.container->start_time_ns() + kStartNs) {
    return false;
  }
  return std::none_of(
      ancestors.begin(), ancestors.end(), [&process](const Process* ancestor) {
        return ancestor->container_id() == process.container_id();
      });
}

void NamespacePid(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  const Process& process = *view.process;
  const int pid = process.namespace_pid();
  const bool first = StartedContainer(view, process, view.ancestors);
  values.push_back(NumberValue(first ? 1 : pid == 0 ? process.pid() : pid));
}

void IsEntryPoint(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  const auto first = [&view](const Process& process,
                             absl::Span<const Process* const> ancestors) {
    return process.namespace_pid() == 1 ||
           StartedContainer(view, process, ancestors);
  };
  const bool parent_first =
      !view.ancestors.empty() &&
      first(*view.ancestors[0], view.ancestors.subspan(1));
  values.push_back(
      BoolValue(parent_first || first(*view.process, view.ancestors)));
}

void Thread(const EventView& view, const FieldArgument&, Values& values) {
  if (view.event->tid() != 0) values.push_back(NumberValue(view.event->tid()));
}

using enum ValueType;
constexpr ArgumentKind kIndex = ArgumentKind::kIndex;

constexpr FieldRow kFields[] = {
    {"proc.name", kText, Own<Name>, "command name, at most 15 bytes"},
    {"proc.exe", kText, Own<Exe>, "first argument (argv[0])"},
    {"proc.exepath", kText, Own<ExePath>, "path of the executed file"},
    {"proc.cmdline", kText, Own<CommandLine>, "name and arguments"},
    {"proc.args", kText, Arguments, "arguments after the first",
     ArgumentKind::kItem},
    {"proc.env", kText, Environment, "selected environment",
     ArgumentKind::kName},
    {"proc.cwd", kText, Own<WorkingDirectory>, "working directory, with /"},
    {"proc.pid", kNumber, Own<Pid>, "process id as the agent sees it"},
    {"proc.vpid", kNumber, NamespacePid,
     "process id in its namespace; 1 for what started a container"},
    {"proc.is_entry_point", kBool, IsEntryPoint,
     "it or its parent is what the container was started with"},
    {"proc.ppid", kNumber, Own<ParentPid>, "parent's process id"},
    {"proc.tty", kNumber, Own<Tty>, "controlling terminal, 0: none"},
    {"proc.sid", kNumber, Own<Session>, "session"},
    {"proc.pgid", kNumber, Own<ProcessGroup>, "process group"},
    {"proc.is_vpgid_leader", kBool, Own<LeadsGroup>, "leads its group"},
    {"proc.key", kText, Own<Key>, "identity, as `tree` takes it"},
    {"proc.pkey", kText, Own<ParentKey>, "the parent's identity"},
    {"proc.duration", kNumber, Duration, "nanoseconds since its start"},
    {"proc.is_exe_from_memfd", kBool, Own<IsFromMemory>, "runs from memory"},
    {"proc.is_exe_upper_layer", kBool, Own<IsUpperLayer>,
     "its file is not of the image"},
    {"proc.is_exe_new", kBool, Own<IsNew>,
     "its file is newer than the container"},
    {"proc.is_exe_deleted", kBool, Own<IsDeleted>, "its file is deleted"},
    {"proc.exe_written_by", kText, Own<WrittenBy>,
     "name of the process that wrote its file"},
    {"proc.exe_sha256", kText, Own<Sha256>, "hash of its file"},
    {"proc.exe_ino", kNumber, Own<Inode>, "inode of its file"},
    {"proc.exe_ino.mtime", kNumber, Own<ModifyTime>, "its modification, ns"},
    {"proc.exe_ino.ctime", kNumber, Own<ChangeTime>, "its change, ns"},
    {"proc.stdin.type", kText, StdioType<0>, "file, pipe, socket, tty …"},
    {"proc.stdout.type", kText, StdioType<1>, "the same"},
    {"proc.stderr.type", kText, StdioType<2>, "the same"},
    {"proc.stdin.name", kText, StdioName<0>, "path or connection"},
    {"proc.stdout.name", kText, StdioName<1>, "the same"},
    {"proc.stderr.name", kText, StdioName<2>, "the same"},
    {"proc.pname", kText, Parents<Name>, "parent's name"},
    {"proc.pexe", kText, Parents<Exe>, "parent's first argument"},
    {"proc.pexepath", kText, Parents<ExePath>, "parent's file"},
    {"proc.pcmdline", kText, Parents<CommandLine>, "parent's command line"},
    {"proc.aname", kText, Ancestors<Name>, "an ancestor's name", kIndex},
    {"proc.aexe", kText, Ancestors<Exe>, "its first argument", kIndex},
    {"proc.aexepath", kText, Ancestors<ExePath>, "its file", kIndex},
    {"proc.acmdline", kText, Ancestors<CommandLine>, "its command", kIndex},
    {"proc.apid", kNumber, Ancestors<Pid>, "its process id", kIndex},
    {"thread.tid", kNumber, Thread, "the acting thread"},
    {"thread.cap_effective", kText, Own<EffectiveCapabilities>,
     "effective capabilities"},
    {"thread.cap_permitted", kText, Own<PermittedCapabilities>,
     "permitted capabilities"},
    {"user.uid", kNumber, Own<Uid>, "effective user id"},
    {"user.real_uid", kNumber, Own<RealUid>, "real user id"},
    {"user.name", kText, Own<UserName>, "its name in the container"},
    {"user.loginuid", kNumber, Own<LoginUid>, "audit user id, -1: unset"},
    {"group.gid", kNumber, Own<Gid>, "effective group id"},
};

}  // namespace

absl::Span<const FieldRow> ProcessFields() { return kFields; }

}  // namespace gatewatch::detection
