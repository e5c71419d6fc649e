// evt.*: the call itself and what came of it.

#include <algorithm>

#include "absl/time/time.h"
#include "detection/field.h"
#include "detection/outcome_text.h"
#include "detection/presumed_outcome.h"
#include "proto/event_kind.h"

namespace gatewatch::detection {
namespace {

void Text(absl::string_view text, Values& values) {
  values.push_back(TextValue(text));
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
    {"evt.failed", kBool, HasFailed, "the call is known to have failed"},
};

}  // namespace

absl::Span<const FieldRow> EventFields() { return kFields; }

}  // namespace gatewatch::detection
