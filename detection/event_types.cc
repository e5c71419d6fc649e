#include "detection/event_types.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "detection/audit_types.h"
#include "detection/field.h"

namespace gatewatch::detection {
namespace {

using Names = absl::btree_set<std::string>;

Names Intersection(const Names& a, const Names& b) {
  Names both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(both, both.end()));
  return both;
}

Names Union(const Names& a, const Names& b) {
  Names either = a;
  either.insert(b.begin(), b.end());
  return either;
}

Names Difference(const Names& a, const Names& b) {
  Names rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

EventTypes Complement(EventTypes types) {
  types.all_but = !types.all_but;
  return types;
}

// Whether it holds for a field only that no event has.
bool NeedsUnmapped(const Expression& comparison) {
  const auto is_unmapped = [](const Operand& operand) {
    return operand.kind == Operand::Kind::kField &&
           !UnmappedName(operand.text).empty();
  };
  return NeedsValue(comparison) &&
         (is_unmapped(comparison.left) ||
          (!comparison.right.empty() &&
           std::all_of(comparison.right.begin(), comparison.right.end(),
                       is_unmapped)));
}

// Whether a text that is the same for every event, concat("true"), is compared
// with others.
bool IsNeverEqual(const Expression& comparison) {
  const Operand& left = comparison.left;
  if (left.kind != Operand::Kind::kCall || left.text != "concat" ||
      comparison.op != Operator::kEqualIgnoringCase ||
      !NeedsValue(comparison) || !AreLiterals(left.arguments) ||
      !AreLiterals(comparison.right)) {
    return false;
  }
  std::string text;
  for (const Operand& part : left.arguments) text += part.text;
  return std::none_of(comparison.right.begin(), comparison.right.end(),
                      [&text](const Operand& right) {
                        return absl::EqualsIgnoreCase(right.text, text);
                      });
}

}  // namespace

EventTypes And(const EventTypes& a, const EventTypes& b) {
  EventTypes both;
  both.exact = a.exact && b.exact;
  both.all_but = a.all_but && b.all_but;
  if (both.all_but) {
    both.names = Union(a.names, b.names);
  } else if (a.all_but) {
    both.names = Difference(b.names, a.names);
  } else if (b.all_but) {
    both.names = Difference(a.names, b.names);
  } else {
    both.names = Intersection(a.names, b.names);
  }
  return both;
}

EventTypes Or(const EventTypes& a, const EventTypes& b) {
  return Complement(And(Complement(a), Complement(b)));
}

EventTypes Not(const EventTypes& types) {
  return types.exact ? Complement(types) : EventTypes::All();
}

EventTypes OfComparison(const Expression& comparison) {
  if (NeedsUnmapped(comparison) || IsNeverEqual(comparison)) {
    return EventTypes::None();
  }
  if (absl::StartsWith(comparison.left.text, "audit.")) {
    return OfAuditComparison(comparison);
  }
  const bool ignores_case = comparison.op == Operator::kEqualIgnoringCase;
  const bool plain =
      comparison.quantifier == Quantifier::kOne ||
      (ignores_case && comparison.quantifier == Quantifier::kAnyOf);
  if (comparison.left.kind != Operand::Kind::kField || !plain) {
    return EventTypes::All();
  }
  const bool equal = comparison.op == Operator::kEqual;
  // Events are numbered from 1: Falco's way to write "never".
  if (comparison.left.text == "evt.num" && equal &&
      comparison.right[0].text == "0") {
    return {.all_but = false, .names = {}, .exact = true};
  }
  if (comparison.left.text != "evt.type") return EventTypes::All();
  const bool unequal = comparison.op == Operator::kNotEqual;
  if (!equal && !unequal && !ignores_case && comparison.op != Operator::kIn) {
    return EventTypes::All();
  }
  EventTypes types{.all_but = unequal, .names = {}, .exact = true};
  for (const Operand& operand : comparison.right) {
    if (operand.kind != Operand::Kind::kLiteral) return EventTypes::All();
    // The types that there are have lower case.
    types.names.insert(ignores_case ? absl::AsciiStrToLower(operand.text)
                                    : operand.text);
  }
  return types;
}

}  // namespace gatewatch::detection
