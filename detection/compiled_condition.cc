#include "detection/compiled_condition.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kComparisonLimit = 100'000;
constexpr size_t kTextLimit = 4 << 20;
constexpr size_t kMacroDepthLimit = 64;
constexpr int kDepthLimit = 1000;  // of the tree; each level costs stack
constexpr size_t kOriginLimit = 160;

// Puts what the part is the whole of before what it was known to be.
void AddOrigin(absl::string_view what, absl::string_view name,
               CompiledCondition::Node& node) {
  std::string origin = absl::StrCat(what, name);
  if (!node.origin.empty()) absl::StrAppend(&origin, " > ", node.origin);
  if (origin.size() <= kOriginLimit) node.origin = std::move(origin);
}

}  // namespace

class CompiledCondition::Compiler {
 public:
  Compiler(const FindMacro& macros, size_t& budget, ParseError& error,
           std::set<std::string>& fields)
      : macros_(macros), budget_(budget), error_(error), fields_(fields) {}

  // False after an error. Appends the text to `text`.
  bool Build(const Expression& expression, Node& node, EventTypes& types,
             std::string& text) {
    if (text.size() > kTextLimit) {
      return Fail(expression, "the condition grows too large");
    }
    if (depth_ >= kDepthLimit) {
      return Fail(expression, "the condition nests too deeply");
    }
    ++depth_;
    const bool built = BuildKind(expression, node, types, text);
    --depth_;
    if (!expression.exception.empty()) {
      AddOrigin("exception ", expression.exception, node);
    }
    return built;
  }

 private:
  bool BuildKind(const Expression& expression, Node& node, EventTypes& types,
                 std::string& text) {
    node.kind = expression.kind;
    switch (expression.kind) {
      case Expression::Kind::kComparison:
        return BuildComparison(expression, node, types, text);
      case Expression::Kind::kMacro:
        return BuildMacro(expression, node, types, text);
      case Expression::Kind::kNot:
        text += "not ";
        if (!Build(*expression.children[0], node.children.emplace_back(), types,
                   text)) {
          return false;
        }
        types = Not(types);
        return true;
      case Expression::Kind::kAnd:
      case Expression::Kind::kOr:
        return BuildChain(expression, node, types, text);
    }
    return false;
  }

  bool Fail(const Expression& at, std::string what) {
    // Inside a macro the position is that of the macro's name in the rule.
    const Expression& shown = use_.empty() ? at : *use_.front();
    error_ = {shown.position, std::move(what)};
    return false;
  }

  bool BuildComparison(const Expression& expression, Node& node,
                       EventTypes& types, std::string& text) {
    if (++comparisons_ > kComparisonLimit) {
      return Fail(expression, "the condition has too many comparisons");
    }
    const size_t values = 1 + expression.right.size();
    if (budget_ < values) {
      return Fail(expression, "all conditions together grow too large");
    }
    budget_ -= values;
    auto comparison = Comparison::Compile(expression);
    if (!comparison.ok()) {
      Fail(expression, std::string(comparison.status().message()));
      error_.unknown_field = absl::IsNotFound(comparison.status());
      return false;
    }
    AddFields(expression.left, fields_);
    for (const Operand& operand : expression.right) {
      AddFields(operand, fields_);
    }
    node.comparison = std::make_unique<Comparison>(*std::move(comparison));
    types = OfComparison(expression);
    text += ToText(expression);
    return true;
  }

  bool BuildMacro(const Expression& expression, Node& node, EventTypes& types,
                  std::string& text) {
    const Expression* macro = macros_ ? macros_(expression.macro) : nullptr;
    if (macro == nullptr) {
      return Fail(expression,
                  absl::StrCat("there is no macro ", expression.macro));
    }
    const bool circle =
        std::any_of(use_.begin(), use_.end(), [&](const Expression* used) {
          return used->macro == expression.macro;
        });
    if (circle || use_.size() >= kMacroDepthLimit) {
      return Fail(expression, absl::StrCat("the macro ", expression.macro,
                                           " leads back to itself"));
    }
    use_.push_back(&expression);
    const bool built = Build(*macro, node, types, text);
    use_.pop_back();
    AddOrigin("macro ", expression.macro, node);
    return built;
  }

  bool BuildChain(const Expression& expression, Node& node, EventTypes& types,
                  std::string& text) {
    const bool is_and = expression.kind == Expression::Kind::kAnd;
    text += "(";
    node.children.reserve(expression.children.size());
    for (size_t i = 0; i < expression.children.size(); ++i) {
      if (i > 0) text += is_and ? " and " : " or ";
      EventTypes part;
      if (!Build(*expression.children[i], node.children.emplace_back(), part,
                 text)) {
        return false;
      }
      types = i == 0 ? part : is_and ? And(types, part) : Or(types, part);
    }
    text += ")";
    return true;
  }

  const FindMacro& macros_;
  size_t& budget_;
  ParseError& error_;
  std::set<std::string>& fields_;
  std::vector<const Expression*> use_;  // macros being put in, outermost first
  size_t comparisons_ = 0;
  int depth_ = 0;
};

std::unique_ptr<CompiledCondition> CompiledCondition::Compile(
    const Expression& expression, const FindMacro& macros, size_t& budget,
    ParseError& error) {
  auto condition = std::make_unique<CompiledCondition>();
  Compiler compiler(macros, budget, error, condition->fields_);
  if (!compiler.Build(expression, condition->root_, condition->types_,
                      condition->text_)) {
    return nullptr;
  }
  return condition;
}

bool CompiledCondition::Matches(const Node& node, const EventView& event) {
  const auto matches = [&](const Node& child) { return Matches(child, event); };
  switch (node.kind) {
    case Expression::Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), matches);
    case Expression::Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), matches);
    case Expression::Kind::kNot:
      return !Matches(node.children[0], event);
    case Expression::Kind::kMacro:
    case Expression::Kind::kComparison:
      return node.comparison->Matches(event);
  }
  return false;
}

}  // namespace gatewatch::detection
