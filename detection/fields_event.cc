// evt.*: the call itself and what came of it.

#include <algorithm>

#include "absl/time/time.h"
#include "detection/field.h"
#include "detection/outcome_text.h"
#include "detection/presumed_outcome.h"
#include "proto/event_kind.h"

namespace gatewatch::detection {
namespace {

using v1::Event;

void Text(absl::string_view text, Values& values) {
  values.push_back(TextValue(text));
}

// Text that the event holds.
void Borrow(absl::string_view text, Values& values) {
  values.push_back(BorrowedText(text));
}

// What the call returned, as the kernel does: a negative errno on failure.
void RawResult(const EventView& view, const FieldArgument&, Values& values) {
  const std::optional<CallResult> result = ResultOf(view);
  if (!result) return;
  values.push_back(NumberValue(result->value));
  values.back().presumed = result->presumed;
}

void Result(const EventView& view, const FieldArgument&, Values& values) {
  AddOutcome(view, values);
}

// Absent when nobody knows.
void HasFailed(const EventView& view, const FieldArgument&, Values& values) {
  const auto status = view.event->outcome().status();
  if (status == v1::Outcome::STATUS_UNKNOWN) return;
  values.push_back(BoolValue(status == v1::Outcome::STATUS_FAILED));
}

enum class TimeForm { kTime, kTimeToSeconds, kDate, kDateToSeconds, kIso };

absl::string_view FormatOf(TimeForm form) {
  switch (form) {
    case TimeForm::kTime:
      return "%H:%M:%E9S";
    case TimeForm::kTimeToSeconds:
      return "%H:%M:%S";
    case TimeForm::kDate:
      return "%Y-%m-%d %H:%M:%E9S";
    case TimeForm::kDateToSeconds:
      return "%Y-%m-%d %H:%M:%S";
    case TimeForm::kIso:
      break;
  }
  return "%Y-%m-%dT%H:%M:%E9SZ";
}

template <TimeForm kForm>
void Time(const EventView& view, const FieldArgument&, Values& values) {
  const auto time =
      absl::FromUnixNanos(static_cast<int64_t>(view.event->time_ns()));
  Text(absl::FormatTime(FormatOf(kForm), time, absl::UTCTimeZone()), values);
}

constexpr uint64_t kSecondNs = 1'000'000'000;

void RawTime(const EventView& view, const FieldArgument&, Values& values) {
  values.push_back(NumberValue(static_cast<int64_t>(view.event->time_ns())));
}

void RawSeconds(const EventView& view, const FieldArgument&, Values& values) {
  values.push_back(
      NumberValue(static_cast<int64_t>(view.event->time_ns() / kSecondNs)));
}

void RawRest(const EventView& view, const FieldArgument&, Values& values) {
  values.push_back(
      NumberValue(static_cast<int64_t>(view.event->time_ns() % kSecondNs)));
}

void TypeIs(const EventView& view, const FieldArgument& argument,
            Values& values) {
  values.push_back(NumberValue(view.event->syscall() == argument.text ? 1 : 0));
}

void Category(const EventView& view, const FieldArgument&, Values& values) {
  const Event& event = *view.event;
  const bool file = event.has_file_open() || event.has_file_change();
  const bool net = event.has_socket_call() || event.has_dns();
  const bool process = event.has_process_start() || event.has_process_exec() ||
                       event.has_process_exit();
  Text(file ? "file" : net ? "net" : process ? "process" : "other", values);
}

void SourceName(const EventView&, const FieldArgument&, Values& values) {
  Text("syscall", values);
}

void IsAsync(const EventView&, const FieldArgument&, Values& values) {
  values.push_back(BoolValue(false));
}

void HostName(const EventView& view, const FieldArgument&, Values& values) {
  if (view.workload == nullptr || view.workload->host_name().empty()) return;
  Text(view.workload->host_name(), values);
}

// An open that makes the file.
void IsOpenCreate(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_file_open()) return;
  values.push_back(BoolValue(view.event->file_open().creates()));
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
  Borrow(view.event->syscall(), values);
}

// Falco once had an event for the way into a call, too; older rules ask for
// the way out.
void Direction(const EventView&, const FieldArgument&, Values& values) {
  Borrow("<", values);
}

void Kind(const EventView& view, const FieldArgument&, Values& values) {
  Borrow(EventKind(*view.event), values);
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"evt.type", kText, Type, "name of the system call"},
    {"evt.kind", kText, Kind, "kind of the event, as --kind takes it"},
    {"evt.dir", kText, Direction, "always <: there is one event a call"},
    {"evt.num", kNumber, Number, "the event's number, from 1"},
    {"evt.count", kNumber, Count, "how many calls the event stands for"},
    {"evt.time", kText, Time<TimeForm::kTime>, "time of day, UTC"},
    {"evt.time.s", kText, Time<TimeForm::kTimeToSeconds>, "to the second"},
    {"evt.time.iso8601", kText, Time<TimeForm::kIso>, "in ISO 8601"},
    {"evt.datetime", kText, Time<TimeForm::kDate>, "date and time, UTC"},
    {"evt.datetime.s", kText, Time<TimeForm::kDateToSeconds>, "to the second"},
    {"evt.rawtime", kNumber, RawTime, "Unix nanoseconds"},
    {"evt.rawtime.s", kNumber, RawSeconds, "its seconds"},
    {"evt.rawtime.ns", kNumber, RawRest, "its nanoseconds within a second"},
    {"evt.type.is", kNumber, TypeIs, "1 for that call, else 0",
     ArgumentKind::kText},
    {"syscall.type", kText, Type, "the same as evt.type"},
    {"evt.category", kText, Category, "file, net, process or other"},
    {"evt.source", kText, SourceName, "always syscall"},
    {"evt.is_async", kBool, IsAsync, "always false"},
    {"evt.hostname", kText, HostName, "the host"},
    {"evt.is_open_create", kBool, IsOpenCreate, "an open that makes the file"},
    {"evt.rawarg.res", kNumber, RawResult, "the same as evt.rawres"},
    {"evt.res", kText, Result, "SUCCESS or the error's name"},
    {"evt.rawres", kNumber, RawResult, "what the call returned"},
    {"evt.failed", kBool, HasFailed, "the call is known to have failed"},
};

}  // namespace

absl::Span<const FieldRow> EventFields() { return kFields; }

}  // namespace gatewatch::detection
