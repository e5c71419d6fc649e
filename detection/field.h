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
  kItem,   // proc.args[2]; proc.args[*] is each of them
  kName,   // proc.env[PATH]; proc.env[*] is each of them
};

struct FieldArgument {
  bool given = false;
  size_t index = 0;
  std::string text;

  // Each item of a list as a value of its own: "[*]".
  bool each() const { return given && text == "*"; }
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
absl::Span<const FieldRow> PathFields();
absl::Span<const FieldRow> ProcessFields();
absl::Span<const FieldRow> LineageFields();
absl::Span<const FieldRow> DescriptorFields();
absl::Span<const FieldRow> DnsFields();
absl::Span<const FieldRow> WorkloadFields();
absl::Span<const FieldRow> AuditFields();
absl::Span<const FieldRow> JsonFields();
absl::Span<const FieldRow> UnknowableFields();

// The rows of all of them.
std::vector<const FieldRow*> AllFields();

// The form of a field that gives each item of its list as a value of its own:
// "proc.args[*]" of "proc.args". The name itself for fields without a list.
std::string ItemsOf(absl::string_view name);

// Stands for the fields of Sigma's that no alias names, with these names as
// argument: "sigma.unmapped[NAME]". Absent in every event.
inline constexpr absl::string_view kUnmappedField = "sigma.unmapped";

// NAME; empty: it is another field.
absl::string_view UnmappedName(absl::string_view field);

// A field with its argument, ready to be read from events.
class Field {
 public:
  // `name` as in a rule: "proc.aname[2]". NotFound when there is no such
  // field (naming the nearest), InvalidArgument when its argument is wrong.
  static absl::StatusOr<Field> Find(absl::string_view name);

  const FieldRow& row() const { return *row_; }
  bool is_list() const { return argument_.each(); }
  Values Extract(const EventView& event) const;
  // Appends to `values`.
  void Extract(const EventView& event, Values& values) const;

 private:
  const FieldRow* row_ = nullptr;
  FieldArgument argument_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_FIELD_H_
