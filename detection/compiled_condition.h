#ifndef GATEWATCH_DETECTION_COMPILED_CONDITION_H_
#define GATEWATCH_DETECTION_COMPILED_CONDITION_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "detection/comparison.h"
#include "detection/event_types.h"
#include "detection/event_view.h"
#include "detection/expression.h"
#include "detection/parser.h"

namespace gatewatch::detection {

// The parsed condition of a macro by its name; null when there is none.
using FindMacro = std::function<const Expression*(absl::string_view name)>;

// A condition with its macros put in, ready to be matched.
//
// Threads: immutable; const methods from any.
class CompiledCondition {
 public:
  // Null, and `error` filled in, when a field, macro or value is wrong, when
  // macros go in a circle, or when the whole grows beyond 100,000 comparisons,
  // 4 MiB of text or a nesting of 1000. `budget` is how many comparisons and
  // values all conditions that are compiled with it may have together.
  static std::unique_ptr<CompiledCondition> Compile(
      const Expression& expression, const FindMacro& macros, size_t& budget,
      ParseError& error);

  // A part of the condition. Macros are put in, so that none is a kMacro.
  struct Node {
    Expression::Kind kind = Expression::Kind::kComparison;
    // The macro or exception that this part is the whole of, outermost first,
    // "macro a > macro b"; empty: none.
    std::string origin;
    std::vector<Node> children;
    std::unique_ptr<Comparison> comparison;  // of a kComparison
  };

  const Node& root() const { return root_; }
  static bool Matches(const Node& node, const EventView& event);

  bool Matches(const EventView& event) const { return Matches(root_, event); }
  const EventTypes& types() const { return types_; }
  // The fields that it tests, with their arguments.
  const std::set<std::string>& fields() const { return fields_; }
  // With macros and lists put in.
  const std::string& text() const { return text_; }

 private:
  class Compiler;

  Node root_;
  EventTypes types_;
  std::set<std::string> fields_;
  std::string text_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_COMPILED_CONDITION_H_
