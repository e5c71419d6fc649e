#include "detection/explanation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/escape.h"

namespace gatewatch::detection {
namespace {

using Node = CompiledCondition::Node;

constexpr size_t kReasonLimit = 32;

// Walks the branches of a condition that made it true.
class Explainer {
 public:
  explicit Explainer(const EventView& event) : event_(event) {}

  // `node` holds.
  void Holds(const Node& node, const std::string& outer) {
    if (held_.size() >= kReasonLimit) return;
    const std::string origin = InnerOrigin(outer, node.origin);
    switch (node.kind) {
      case Expression::Kind::kAnd:
        for (const Node& child : node.children) Holds(child, origin);
        return;
      case Expression::Kind::kOr:
        // One true branch is enough.
        return Holds(*First(node, /*matching=*/true), origin);
      case Expression::Kind::kNot:
        return Fails(node.children[0], origin);
      case Expression::Kind::kMacro:
      case Expression::Kind::kComparison:
        held_.push_back(ReasonOf(*node.comparison, event_, origin));
    }
  }

  // Those that held first: they are what the rule is about.
  void MoveTo(std::vector<v1::Reason>& reasons) {
    for (std::vector<v1::Reason>* part : {&held_, &negated_}) {
      const size_t room = kReasonLimit - std::min(kReasonLimit, reasons.size());
      part->resize(std::min(part->size(), room));
      std::move(part->begin(), part->end(), std::back_inserter(reasons));
    }
  }

 private:
  // The first child that matches, or does not; there is one.
  const Node* First(const Node& node, bool matching) const {
    return &*std::find_if(
        node.children.begin(), node.children.end(), [&](const Node& child) {
          return CompiledCondition::Matches(child, event_) == matching;
        });
  }

  // `node`, which is negated, does not hold.
  void Fails(const Node& node, const std::string& outer) {
    if (negated_.size() >= kReasonLimit) return;
    if (!node.origin.empty()) return FailsAsOne(node, outer);
    switch (node.kind) {
      case Expression::Kind::kOr:
        for (const Node& child : node.children) Fails(child, outer);
        return;
      case Expression::Kind::kAnd:
        return Fails(*First(node, /*matching=*/false), outer);
      case Expression::Kind::kNot:
        return Holds(node.children[0], outer);
      case Expression::Kind::kMacro:
      case Expression::Kind::kComparison:
        v1::Reason& reason =
            negated_.emplace_back(ReasonOf(*node.comparison, event_, outer));
        reason.set_condition(absl::StrCat("not ", reason.condition()));
    }
  }

  // What was never true has no value to look at: its name says enough.
  void FailsAsOne(const Node& node, const std::string& outer) {
    v1::Reason& reason = negated_.emplace_back();
    const absl::string_view outermost =
        absl::string_view(node.origin).substr(0, node.origin.find(" > "));
    reason.set_condition(EscapeForTerminal(
        absl::StrCat("not ", absl::StripPrefix(outermost, "macro "))));
    reason.set_origin(EscapeForTerminal(outer));
  }

  const EventView& event_;
  std::vector<v1::Reason> held_;
  std::vector<v1::Reason> negated_;
};

}  // namespace

void ExplainMatch(const CompiledCondition::Node& node, const EventView& event,
                  absl::string_view origin, std::vector<v1::Reason>& reasons) {
  if (!CompiledCondition::Matches(node, event)) return;
  Explainer explainer(event);
  explainer.Holds(node, std::string(origin));
  explainer.MoveTo(reasons);
}

v1::Reason ReasonOf(const Comparison& comparison, const EventView& event,
                    absl::string_view origin) {
  v1::Reason reason;
  const std::string value = comparison.ValueText(event);
  reason.set_condition(EscapeForTerminal(comparison.text()));
  reason.set_value(value.empty() ? "<NA>" : EscapeForTerminal(value));
  reason.set_origin(EscapeForTerminal(origin));
  return reason;
}

std::string InnerOrigin(absl::string_view outer, const std::string& inner) {
  if (outer.empty() || inner.empty()) return absl::StrCat(outer, inner);
  return absl::StrCat(outer, " > ", inner);
}

}  // namespace gatewatch::detection
