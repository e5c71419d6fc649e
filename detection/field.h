#ifndef GATEWATCH_DETECTION_FIELD_H_
#define GATEWATCH_DETECTION_FIELD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "detection/event_view.h"
#include "detection/value.h"

namespace gatewatch::detection {

// What may stand in brackets behind a field's name.
enum class ArgumentKind {
  kNone,
  kIndex,  // proc.aname[2]; without it, any ancestor
  kText,   // container.mount.dest[/etc]; required
};

struct FieldArgument {
  bool given = false;
  size_t index = 0;
  std::string text;
};

// One field of the rule language: a row of the tables in fields_*.cc.
struct FieldRow {
  using Extract = void (*)(const EventView& event,
                           const FieldArgument& argument, Values& values);
  absl::string_view name;
  ValueType type;
  Extract extract;  // null: legal in Falco, not to be known here, so absent
  absl::string_view description;
  ArgumentKind argument = ArgumentKind::kNone;
  // Both ends of a connection: unequal means that neither is equal.
  bool either_end = false;
};

// The tables, by what they are about.
absl::Span<const FieldRow> EventFields();
absl::Span<const FieldRow> ArgumentFields();
absl::Span<const FieldRow> ProcessFields();
absl::Span<const FieldRow> DescriptorFields();
absl::Span<const FieldRow> DnsFields();
absl::Span<const FieldRow> WorkloadFields();
absl::Span<const FieldRow> UnknowableFields();

// A field with its argument, ready to be read from events.
class Field {
 public:
  // `name` as in a rule: "proc.aname[2]". InvalidArgument when there is no
  // such field (naming the nearest) or its argument is wrong.
  static absl::StatusOr<Field> Find(absl::string_view name);

  const FieldRow& row() const { return *row_; }
  Values Extract(const EventView& event) const;

 private:
  const FieldRow* row_ = nullptr;
  FieldArgument argument_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_FIELD_H_
