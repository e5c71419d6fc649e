#include "detection/field.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kIndexLimit = 64;

using Index = absl::flat_hash_map<absl::string_view, const FieldRow*>;

const Index& FieldIndex() {
  static const Index* const index = [] {
    auto* made = new Index();
    for (const FieldRow* row : AllFields()) made->emplace(row->name, row);
    return made;
  }();
  return *index;
}

// The number of edits that make one word of the other (Levenshtein).
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal =
          std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row[b.size()];
}

absl::Status UnknownField(absl::string_view name) {
  constexpr size_t kNameLimit = 100;  // a longer one resembles none
  absl::string_view nearest;
  size_t least = 4;
  for (const auto& [known, row] : FieldIndex()) {
    if (name.size() > kNameLimit) break;
    const size_t distance = Distance(name, known);
    if (distance < least || (distance == least && known < nearest)) {
      least = distance;
      nearest = known;
    }
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no field ", name.substr(0, kNameLimit),
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

}  // namespace

absl::StatusOr<Field> Field::Find(absl::string_view name) {
  const size_t bracket = name.find('[');
  absl::string_view argument;
  if (bracket != name.npos) {
    argument = name.substr(bracket + 1);
    absl::ConsumeSuffix(&argument, "]");
    name = name.substr(0, bracket);
  }
  const auto found = FieldIndex().find(name);
  if (found == FieldIndex().end()) return UnknownField(name);
  Field field;
  field.row_ = found->second;
  field.argument_.given = bracket != name.npos;
  field.argument_.text = std::string(argument);
  switch (field.row_->argument) {
    case ArgumentKind::kNone:
      if (!field.argument_.given) return field;
      return absl::InvalidArgumentError(
          absl::StrCat(name, " takes no argument"));
    case ArgumentKind::kText:
      if (field.argument_.given) return field;
      return absl::InvalidArgumentError(
          absl::StrCat(name, " needs an argument: ", name, "[…]"));
    case ArgumentKind::kName:
      return field;
    case ArgumentKind::kItem:
    case ArgumentKind::kIndex:
      if (!field.argument_.given) return field;
      if (field.row_->argument == ArgumentKind::kItem &&
          field.argument_.each()) {
        return field;
      }
      if (absl::SimpleAtoi(argument, &field.argument_.index) &&
          field.argument_.index <= kIndexLimit) {
        return field;
      }
      return absl::InvalidArgumentError(absl::StrCat(
          name, " takes a number from 0 to ", kIndexLimit, " in brackets"));
  }
  return absl::InternalError("an argument kind without a rule");
}

std::vector<const FieldRow*> AllFields() {
  std::vector<const FieldRow*> rows;
  for (const auto table :
       {EventFields(), ArgumentFields(), PathFields(), ProcessFields(),
        LineageFields(), DescriptorFields(), DnsFields(), WorkloadFields(),
        AuditFields(), JsonFields(), UnknowableFields()}) {
    for (const FieldRow& row : table) rows.push_back(&row);
  }
  return rows;
}

absl::string_view UnmappedName(absl::string_view field) {
  const bool unmapped = absl::ConsumePrefix(&field, kUnmappedField) &&
                        absl::ConsumePrefix(&field, "[") &&
                        absl::ConsumeSuffix(&field, "]");
  return unmapped ? field : absl::string_view();
}

std::string ItemsOf(absl::string_view name) {
  const auto found = FieldIndex().find(name);
  const bool list = found != FieldIndex().end() &&
                    (found->second->argument == ArgumentKind::kItem ||
                     found->second->argument == ArgumentKind::kName);
  return list ? absl::StrCat(name, "[*]") : std::string(name);
}

Values Field::Extract(const EventView& event) const {
  Values values;
  Extract(event, values);
  return values;
}

void Field::Extract(const EventView& event, Values& values) const {
  if (row_->extract != nullptr) row_->extract(event, argument_, values);
}

}  // namespace gatewatch::detection
