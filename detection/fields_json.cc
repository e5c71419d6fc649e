// json.*: events of any shape that somebody else recorded.

#include "detection/field.h"
#include "detection/json_event.h"

namespace gatewatch::detection {
namespace {

void ValueAt(const EventView& view, const FieldArgument& argument,
             Values& values) {
  if (view.json != nullptr) view.json->Read(argument.text, values);
}

void IsPresent(const EventView& view, const FieldArgument& argument,
               Values& values) {
  if (view.json == nullptr || !view.json->Has(argument.text)) return;
  values.push_back(BoolValue(true));
}

void Any(const EventView& view, const FieldArgument&, Values& values) {
  if (view.json != nullptr) view.json->ReadAll(values);
}

void Whole(const EventView& view, const FieldArgument&, Values& values) {
  if (view.json != nullptr) values.push_back(TextValue(view.json->Text()));
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"json.value", kText, ValueAt, "what a path of keys leads to",
     ArgumentKind::kText},
    {"json.present", kBool, IsPresent, "the path leads somewhere, if to null",
     ArgumentKind::kText},
    {"json.any", kText, Any, "every text, number and truth value"},
    {"json.event", kText, Whole, "the whole event as compact JSON"},
};

}  // namespace

absl::Span<const FieldRow> JsonFields() { return kFields; }

}  // namespace gatewatch::detection
