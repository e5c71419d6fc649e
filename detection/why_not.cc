#include "detection/why_not.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/escape.h"

namespace gatewatch::detection {
namespace {

using Node = CompiledCondition::Node;

WhyNot Explain(const Node& node, const EventView& event);

// The comparisons before the first that fails count.
WhyNot OfAnd(const Node& node, const EventView& event) {
  size_t held = 0;
  for (const Node& child : node.children) {
    if (CompiledCondition::Matches(child, event)) {
      ++held;
      continue;
    }
    WhyNot failure = Explain(child, event);
    failure.held += held;
    return failure;
  }
  return {};
}

WhyNot OfOr(const Node& node, const EventView& event) {
  WhyNot nearest = Explain(node.children[0], event);
  for (size_t i = 1; i < node.children.size(); ++i) {
    WhyNot other = Explain(node.children[i], event);
    if (other.held > nearest.held) nearest = std::move(other);
  }
  return nearest;
}

WhyNot OfNot(const Node& node, const EventView& event) {
  std::vector<v1::Reason> found;
  CompiledCondition::Explain(node.children[0], event, found);
  WhyNot failure;
  if (found.empty()) {
    failure.reason.set_condition("not (…)");
    return failure;
  }
  failure.reason = std::move(found[0]);
  failure.reason.set_condition(
      absl::StrCat("not ", failure.reason.condition()));
  return failure;
}

WhyNot OfComparison(const Node& node, const EventView& event) {
  WhyNot failure;
  const std::string value = node.comparison->ValueText(event);
  failure.reason.set_condition(EscapeForTerminal(node.comparison->text()));
  failure.reason.set_value(value.empty() ? "<NA>" : EscapeForTerminal(value));
  return failure;
}

// Of a part that does not hold. As deep as the condition, which is bounded.
WhyNot Explain(const Node& node, const EventView& event) {
  switch (node.kind) {
    case Expression::Kind::kAnd:
      return OfAnd(node, event);
    case Expression::Kind::kOr:
      return OfOr(node, event);
    case Expression::Kind::kNot:
      return OfNot(node, event);
    case Expression::Kind::kMacro:
    case Expression::Kind::kComparison:
      break;
  }
  return OfComparison(node, event);
}

}  // namespace

std::optional<WhyNot> ExplainFailure(const CompiledCondition& condition,
                                     const EventView& event) {
  if (condition.Matches(event)) return std::nullopt;
  return Explain(condition.root(), event);
}

}  // namespace gatewatch::detection
