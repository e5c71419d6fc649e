#include "detection/sigma/own_needs.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/field.h"
#include "detection/rule_support.h"

namespace gatewatch::detection::sigma {
namespace {

void AddUnknown(const std::set<std::string>& unknown,
                std::vector<std::string>& reasons) {
  if (unknown.empty()) return;
  reasons.push_back(
      absl::StrCat("no event has the field ", absl::StrJoin(unknown, ", ")));
}

}  // namespace

void OwnNeeds::Add(const Expression& selection) {
  for (const ExpressionPtr& child : selection.children) Add(*child);
  if (selection.kind != Expression::Kind::kComparison) return;
  std::set<std::string> fields;
  AddFields(selection.left, fields);
  for (const Operand& operand : selection.right) AddFields(operand, fields);
  bool known = true;
  for (const std::string& field : fields) {
    const absl::string_view unmapped = UnmappedName(field);
    known = known && unmapped.empty();
    (unmapped.empty() ? fields_ : unknown_)
        .emplace(unmapped.empty() ? absl::string_view(field) : unmapped);
  }
  const EventTypes types = OfComparison(selection);
  if (types.exact && !types.all_but) calls_ = Or(calls_, types);
  if (known && types.is_none()) never_.insert(ToText(selection));
}

std::string OwnNeeds::Limits(const EventTypes& types) const {
  std::vector<std::string> limits;
  AddUnknown(unknown_, limits);
  const std::string known = LimitsOf({.tested = fields_,
                                      .printed = {},
                                      .types = types,
                                      .named = And(types, calls_)});
  if (!known.empty()) limits.push_back(known);
  return absl::StrJoin(limits, "; ");
}

std::string OwnNeeds::WhyNever() const {
  std::vector<std::string> reasons;
  AddUnknown(unknown_, reasons);
  if (!never_.empty()) {
    reasons.push_back(
        absl::StrCat("no event fulfils ", absl::StrJoin(never_, ", ")));
  }
  if (reasons.empty()) reasons.emplace_back("its parts exclude each other");
  return absl::StrCat("it never holds: ", absl::StrJoin(reasons, "; "));
}

}  // namespace gatewatch::detection::sigma
