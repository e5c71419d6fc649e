#include "detection/why_not.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "detection/explanation.h"

namespace gatewatch::detection {
namespace {

using Node = CompiledCondition::Node;

WhyNot Explain(const Node& node, const EventView& event,
               const std::string& outer);

// The parts before the first that fails count.
WhyNot OfAnd(const Node& node, const EventView& event,
             const std::string& origin) {
  size_t held = 0;
  for (const Node& child : node.children) {
    if (CompiledCondition::Matches(child, event)) {
      ++held;
      continue;
    }
    WhyNot failure = Explain(child, event, origin);
    failure.held += held;
    return failure;
  }
  return {};
}

WhyNot OfOr(const Node& node, const EventView& event,
            const std::string& origin) {
  WhyNot nearest = Explain(node.children[0], event, origin);
  for (size_t i = 1; i < node.children.size(); ++i) {
    WhyNot other = Explain(node.children[i], event, origin);
    if (other.held > nearest.held) nearest = std::move(other);
  }
  return nearest;
}

// What was found first of what should not have been there.
WhyNot OfNot(const Node& node, const EventView& event,
             const std::string& origin) {
  std::vector<v1::Reason> found;
  ExplainMatch(node.children[0], event, origin, found);
  WhyNot failure;
  failure.reason = std::move(found[0]);
  failure.reason.set_condition(
      absl::StrCat("not ", failure.reason.condition()));
  return failure;
}

// Of a part that does not hold. As deep as the condition, which is bounded.
WhyNot Explain(const Node& node, const EventView& event,
               const std::string& outer) {
  const std::string origin = InnerOrigin(outer, node.origin);
  switch (node.kind) {
    case Expression::Kind::kAnd:
      return OfAnd(node, event, origin);
    case Expression::Kind::kOr:
      return OfOr(node, event, origin);
    case Expression::Kind::kNot:
      return OfNot(node, event, origin);
    case Expression::Kind::kMacro:
    case Expression::Kind::kComparison:
      break;
  }
  return {.reason = ReasonOf(*node.comparison, event, origin)};
}

}  // namespace

std::optional<WhyNot> ExplainFailure(const CompiledCondition& condition,
                                     const EventView& event) {
  if (condition.Matches(event)) return std::nullopt;
  return Explain(condition.root(), event, /*outer=*/"");
}

}  // namespace gatewatch::detection
