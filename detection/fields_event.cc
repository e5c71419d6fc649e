// evt.*: the call itself and its arguments.

#include <fcntl.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "detection/field.h"
#include "detection/flag_names.h"
#include "proto/event_kind.h"

namespace gatewatch::detection {
namespace {

using v1::Event;
using v1::FileChange;

void Text(absl::string_view text, Values& values) {
  values.push_back(TextValue(text));
}

void NonEmpty(absl::string_view text, Values& values) {
  if (!text.empty()) Text(text, values);
}

// What the call returned, as the kernel does: a negative errno on failure.
void RawResult(const EventView& view, const FieldArgument&, Values& values) {
  const v1::Outcome& outcome = view.event->outcome();
  if (outcome.status() == v1::Outcome::STATUS_SUCCEEDED) {
    values.push_back(NumberValue(outcome.return_value()));
  } else if (outcome.status() == v1::Outcome::STATUS_FAILED) {
    // Failed for a reason that was not seen is a failure all the same.
    values.push_back(
        NumberValue(outcome.error() == 0 ? -1 : -int64_t{outcome.error()}));
  }
}

void Result(const EventView& view, const FieldArgument&, Values& values) {
  const v1::Outcome& outcome = view.event->outcome();
  if (outcome.status() == v1::Outcome::STATUS_SUCCEEDED) {
    Text("SUCCESS", values);
  } else if (outcome.status() == v1::Outcome::STATUS_FAILED) {
    Text(outcome.error() == 0 ? "FAILED" : ErrorName(outcome.error()), values);
  }
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

void Flags(const EventView& view, const FieldArgument&, Values& values) {
  if (view.event->has_file_open()) {
    Text(OpenFlagNames(view.event->file_open().flags()), values);
  } else if (view.event->has_memory_file()) {
    Text(MemoryFileFlagNames(view.event->memory_file().flags()), values);
  } else if (view.event->has_file_change()) {
    Text(absl::StrCat(view.event->file_change().flags()), values);
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
    Text(event.file_open().file().path(), values);
  } else if (event.has_file_change() && !HasTwoNames(event) &&
             !IsSymlink(event)) {
    Text(event.file_change().file().path(), values);
  } else if (event.has_memory_file()) {
    Text(event.memory_file().name(), values);
  } else if (event.has_process_exec()) {
    Text(event.process_exec().filename(), values);
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

void Request(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_process_access()) return;
  Text(PtraceRequestName(view.event->process_access().request()), values);
}

void TargetPid(const EventView& view, const FieldArgument&, Values& values) {
  const v1::ProcessAccess& access = view.event->process_access();
  if (access.target_pid() != 0) {
    values.push_back(NumberValue(access.target_pid()));
  }
}

void TargetKey(const EventView& view, const FieldArgument&, Values& values) {
  NonEmpty(view.event->process_access().target().key(), values);
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

void Arguments(const EventView& view, const FieldArgument& none,
               Values& values) {
  struct Part {
    absl::string_view name;
    FieldRow::Extract extract;
  };
  constexpr Part kParts[] = {
      {"path", Path},         {"oldpath", OldPath},   {"newpath", NewPath},
      {"target", LinkTarget}, {"linkpath", LinkPath}, {"flags", Flags},
      {"mode", Mode},         {"request", Request},   {"pid", TargetPid},
      {"uid", RequestedUid},  {"gid", RequestedGid},  {"oldfd", OldFd},
      {"newfd", NewFd},       {"domain", Domain},     {"res", Result}};
  std::string text;
  for (const Part& part : kParts) {
    Values found;
    part.extract(view, none, found);
    if (found.empty()) continue;
    absl::StrAppend(&text, text.empty() ? "" : " ", part.name, "=",
                    found[0].text);
  }
  Text(text, values);
}

void Time(const EventView& view, const FieldArgument&, Values& values) {
  const auto time =
      absl::FromUnixNanos(static_cast<int64_t>(view.event->time_ns()));
  Text(absl::FormatTime("%H:%M:%E9S", time, absl::UTCTimeZone()), values);
}

void Count(const EventView& view, const FieldArgument&, Values& values) {
  const uint64_t count = view.event->count();
  values.push_back(NumberValue(count == 0 ? 1 : static_cast<int64_t>(count)));
}

void Number(const EventView& view, const FieldArgument&, Values& values) {
  // Falco's never_true and always_true rely on counting from 1; an event that
  // was written by hand may have no number.
  const uint64_t number = std::max<uint64_t>(view.event->sequence(), 1);
  values.push_back(NumberValue(static_cast<int64_t>(number)));
}

void Type(const EventView& view, const FieldArgument&, Values& values) {
  Text(view.event->syscall(), values);
}

// Falco once had an event for the way into a call, too; older rules ask for
// the way out.
void Direction(const EventView&, const FieldArgument&, Values& values) {
  Text("<", values);
}

void Kind(const EventView& view, const FieldArgument&, Values& values) {
  Text(EventKind(*view.event), values);
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"evt.type", kText, Type, "name of the system call"},
    {"evt.kind", kText, Kind, "kind of the event, as --kind takes it"},
    {"evt.dir", kText, Direction, "always <: there is one event a call"},
    {"evt.num", kNumber, Number, "the event's number, from 1"},
    {"evt.count", kNumber, Count, "how many calls the event stands for"},
    {"evt.time", kText, Time, "time of day, UTC"},
    {"evt.res", kText, Result, "SUCCESS or the error's name"},
    {"evt.rawres", kNumber, RawResult, "what the call returned"},
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
    {"evt.arg.request", kText, Request, "ptrace: the request by name"},
    {"evt.arg.pid", kNumber, TargetPid, "ptrace: the other process"},
    {"evt.arg.uid", kNumber, RequestedUid, "setuid: the id asked for"},
    {"evt.arg.gid", kNumber, RequestedGid, "setgid: the id asked for"},
    {"evt.arg.oldfd", kNumber, OldFd, "dup: the old descriptor"},
    {"evt.arg.newfd", kNumber, NewFd, "dup: the new descriptor"},
    {"evt.arg.domain", kText, Domain, "socket: AF_… by name"},
    {"target.pid", kNumber, TargetPid, "ptrace: the other process"},
    {"target.key", kText, TargetKey, "ptrace: the other process's key"},
};

}  // namespace

absl::Span<const FieldRow> EventFields() { return kFields; }

}  // namespace gatewatch::detection
