#include "detection/expression.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatewatch::detection {
namespace {

struct OperatorRow {
  Operator op;
  absl::string_view name;
};

constexpr OperatorRow kOperators[] = {
    {Operator::kEqual, "="},
    {Operator::kEqual, "=="},
    {Operator::kNotEqual, "!="},
    {Operator::kLess, "<"},
    {Operator::kLessOrEqual, "<="},
    {Operator::kGreater, ">"},
    {Operator::kGreaterOrEqual, ">="},
    {Operator::kContains, "contains"},
    {Operator::kContainsIgnoringCase, "icontains"},
    {Operator::kContainsBytes, "bcontains"},
    {Operator::kStartsWith, "startswith"},
    {Operator::kStartsWithBytes, "bstartswith"},
    {Operator::kEndsWith, "endswith"},
    {Operator::kGlob, "glob"},
    {Operator::kGlobIgnoringCase, "iglob"},
    {Operator::kRegex, "regex"},
    {Operator::kExists, "exists"},
    {Operator::kIn, "in"},
    {Operator::kIntersects, "intersects"},
    {Operator::kPathMatch, "pmatch"},
};

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string OperandText(const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::kField:
      return operand.text;
    case Operand::Kind::kLiteral:
      return Quoted(operand.text);
    case Operand::Kind::kCall:
      break;
  }
  return absl::StrCat(
      operand.text, "(",
      absl::StrJoin(operand.arguments, ", ",
                    [](std::string* out, const Operand& argument) {
                      absl::StrAppend(out, OperandText(argument));
                    }),
      ")");
}

std::string ComparisonText(const Expression& expression) {
  std::string text = absl::StrCat(OperandText(expression.left), " ",
                                  OperatorName(expression.op));
  if (expression.op == Operator::kExists) return text;
  if (expression.quantifier == Quantifier::kAnyOf) text += " anyof";
  if (expression.quantifier == Quantifier::kAllOf) text += " allof";
  const bool list =
      TakesList(expression.op) || expression.quantifier != Quantifier::kOne;
  const std::string right = absl::StrJoin(
      expression.right, ", ", [](std::string* out, const Operand& operand) {
        absl::StrAppend(out, OperandText(operand));
      });
  return absl::StrCat(text, " ", list ? "(" : "", right, list ? ")" : "");
}

std::string Joined(const Expression& expression, absl::string_view word) {
  return absl::StrJoin(expression.children, word,
                       [](std::string* out, const ExpressionPtr& child) {
                         absl::StrAppend(out, ToText(*child));
                       });
}

}  // namespace

std::string ToText(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kAnd:
      return absl::StrCat("(", Joined(expression, " and "), ")");
    case Expression::Kind::kOr:
      return absl::StrCat("(", Joined(expression, " or "), ")");
    case Expression::Kind::kNot:
      return absl::StrCat("not ", ToText(*expression.children[0]));
    case Expression::Kind::kMacro:
      return expression.macro;
    case Expression::Kind::kComparison:
      return ComparisonText(expression);
  }
  return "";
}

absl::string_view OperatorName(Operator op) {
  for (const OperatorRow& row : kOperators) {
    if (row.op == op) return row.name;
  }
  return "?";
}

bool FindOperator(absl::string_view name, Operator& op) {
  for (const OperatorRow& row : kOperators) {
    if (row.name != name) continue;
    op = row.op;
    return true;
  }
  return false;
}

bool TakesList(Operator op) {
  return op == Operator::kIn || op == Operator::kIntersects ||
         op == Operator::kPathMatch;
}

}  // namespace gatewatch::detection
