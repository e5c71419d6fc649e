// proc.s*, proc.pgid.*, user.login*: the session and group that a process
// belongs to, and what derives from its ids and times.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/field.h"

namespace gatewatch::detection {
namespace {

using v1::Process;

constexpr uint32_t kUnset = UINT32_MAX;

void Text(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(TextValue(text));
}

// The acting process or the ancestor with that pid.
const Process* Find(const EventView& view, int pid) {
  if (view.process == nullptr || pid == 0) return nullptr;
  if (view.process->pid() == pid) return view.process;
  const auto found =
      std::find_if(view.ancestors.begin(), view.ancestors.end(),
                   [pid](const Process* each) { return each->pid() == pid; });
  return found == view.ancestors.end() ? nullptr : *found;
}

const Process* SessionLeader(const EventView& view) {
  return view.process == nullptr ? nullptr
                                 : Find(view, view.process->session());
}

const Process* GroupLeader(const EventView& view) {
  return view.process == nullptr ? nullptr
                                 : Find(view, view.process->process_group());
}

using Leader = const Process* (*)(const EventView& view);

template <Leader kLeader>
void NameOf(const EventView& view, const FieldArgument&, Values& values) {
  const Process* leader = kLeader(view);
  if (leader != nullptr) Text(leader->name(), values);
}

template <Leader kLeader>
void ExeOf(const EventView& view, const FieldArgument&, Values& values) {
  const Process* leader = kLeader(view);
  if (leader == nullptr || leader->arguments().empty()) return;
  Text(leader->arguments(0), values);
}

template <Leader kLeader>
void ExePathOf(const EventView& view, const FieldArgument&, Values& values) {
  const Process* leader = kLeader(view);
  if (leader != nullptr) Text(leader->executable().path(), values);
}

template <Leader kLeader>
void IsLeader(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  values.push_back(BoolValue(kLeader(view) == view.process));
}

void ExeLine(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  Text(absl::StrJoin(view.process->arguments(), " "), values);
}

void ParentExeLine(const EventView& view, const FieldArgument&,
                   Values& values) {
  if (view.ancestors.empty()) return;
  Text(absl::StrJoin(view.ancestors[0]->arguments(), " "), values);
}

void ArgumentCount(const EventView& view, const FieldArgument&,
                   Values& values) {
  if (view.process == nullptr) return;
  const int count = view.process->arguments_size();
  values.push_back(NumberValue(std::max(0, count - 1)));
}

void ArgumentLength(const EventView& view, const FieldArgument&,
                    Values& values) {
  if (view.process == nullptr) return;
  int64_t length = 0;
  for (int i = 1; i < view.process->arguments_size(); ++i) {
    length += static_cast<int64_t>(view.process->arguments(i).size());
  }
  values.push_back(NumberValue(length));
}

void StartOf(const Process* process, Values& values) {
  if (process == nullptr || process->start_time_ns() == 0) return;
  values.push_back(NumberValue(static_cast<int64_t>(process->start_time_ns())));
}

const Process* ParentOf(const EventView& view) {
  return view.ancestors.empty() ? nullptr : view.ancestors[0];
}

void StartTime(const EventView& view, const FieldArgument&, Values& values) {
  StartOf(view.process, values);
}

void ParentStartTime(const EventView& view, const FieldArgument&,
                     Values& values) {
  StartOf(ParentOf(view), values);
}

void ParentDuration(const EventView& view, const FieldArgument&,
                    Values& values) {
  const Process* parent = ParentOf(view);
  if (parent == nullptr || parent->start_time_ns() == 0) return;
  values.push_back(NumberValue(
      static_cast<int64_t>(view.event->time_ns() - parent->start_time_ns())));
}

void ParentNamespacePid(const EventView& view, const FieldArgument&,
                        Values& values) {
  const Process* parent = ParentOf(view);
  if (parent == nullptr || parent->namespace_pid() == 0) return;
  values.push_back(NumberValue(parent->namespace_pid()));
}

// From the file's last status change to the start of the process.
void ChangeToStart(const EventView& view, const FieldArgument&,
                   Values& values) {
  if (view.process == nullptr) return;
  const uint64_t change = view.process->executable().change_time_ns();
  const uint64_t start = view.process->start_time_ns();
  if (change == 0 || start == 0) return;
  values.push_back(NumberValue(static_cast<int64_t>(start - change)));
}

// Names are those of the container's user list, of which an event has only
// the acting user's.
std::string NameOfUser(const v1::Credentials& own, uint32_t uid) {
  if (uid == own.effective_uid()) return own.user_name();
  return uid == 0 ? "root" : "";
}

void LoginName(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  const v1::Credentials& own = view.process->credentials();
  if (own.login_uid() != kUnset) Text(NameOfUser(own, own.login_uid()), values);
}

void GroupName(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  if (view.process->credentials().effective_gid() == 0) Text("root", values);
}

// As Falco renders an id: a rule may name it or give its number.
template <bool (v1::CredentialChange::*kHas)() const,
          uint32_t (v1::CredentialChange::*kId)() const>
void RequestedUser(const EventView& view, const FieldArgument&,
                   Values& values) {
  const v1::CredentialChange& change = view.event->credential_change();
  if (!(change.*kHas)()) return;
  const uint32_t uid = (change.*kId)();
  Text(absl::StrCat(static_cast<int32_t>(uid)), values);
  if (view.process == nullptr) return;
  Text(NameOfUser(view.process->credentials(), uid), values);
}

using enum ValueType;
using Change = v1::CredentialChange;
constexpr ArgumentKind kNone = ArgumentKind::kNone;

constexpr FieldRow kFields[] = {
    {"proc.sname", kText, NameOf<SessionLeader>, "session leader's name"},
    {"proc.sid.exe", kText, ExeOf<SessionLeader>, "its first argument"},
    {"proc.sid.exepath", kText, ExePathOf<SessionLeader>, "its file"},
    {"proc.is_sid_leader", kBool, IsLeader<SessionLeader>, "leads a session"},
    {"proc.pgid.name", kText, NameOf<GroupLeader>, "group leader's name"},
    {"proc.pgid.exe", kText, ExeOf<GroupLeader>, "its first argument"},
    {"proc.pgid.exepath", kText, ExePathOf<GroupLeader>, "its file"},
    {"proc.is_pgid_leader", kBool, IsLeader<GroupLeader>, "leads its group"},
    {"proc.vpgid.name", kText, NameOf<GroupLeader>, "as proc.pgid.name"},
    {"proc.vpgid.exe", kText, ExeOf<GroupLeader>, "as proc.pgid.exe"},
    {"proc.vpgid.exepath", kText, ExePathOf<GroupLeader>,
     "as proc.pgid.exepath"},
    {"proc.exeline", kText, ExeLine, "all arguments, the first included"},
    {"proc.pexeline", kText, ParentExeLine, "the same of the parent"},
    {"proc.cmdnargs", kNumber, ArgumentCount, "arguments after the first"},
    {"proc.cmdlenargs", kNumber, ArgumentLength, "their bytes in all"},
    {"proc.pid.ts", kNumber, StartTime, "its start, Unix ns"},
    {"proc.ppid.ts", kNumber, ParentStartTime, "its parent's start"},
    {"proc.ppid.duration", kNumber, ParentDuration,
     "nanoseconds since its parent's start"},
    {"proc.pvpid", kNumber, ParentNamespacePid,
     "parent's process id in its namespace"},
    {"proc.exe_ino.ctime_duration_proc_start", kNumber, ChangeToStart,
     "nanoseconds from its file's change to its start"},
    {"user.loginname", kText, LoginName,
     "name of the audit user, where it is the acting one or root"},
    {"group.name", kText, GroupName, "root, where the group is 0"},
    {"evt.arg.uid", kText, RequestedUser<&Change::has_uid, &Change::uid>,
     "setuid: the id asked for, as number and name", kNone, true},
    {"evt.arg.euid", kText,
     RequestedUser<&Change::has_effective_uid, &Change::effective_uid>,
     "setresuid: the same", kNone, true},
};

}  // namespace

absl::Span<const FieldRow> LineageFields() { return kFields; }

}  // namespace gatewatch::detection
