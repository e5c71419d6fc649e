#include "detection/expression.h"

#include <algorithm>

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
    {Operator::kEqualIgnoringCase, "iequals"},
    {Operator::kNotEqual, "!="},
    {Operator::kLess, "<"},
    {Operator::kLessOrEqual, "<="},
    {Operator::kGreater, ">"},
    {Operator::kGreaterOrEqual, ">="},
    {Operator::kContains, "contains"},
    {Operator::kContainsIgnoringCase, "icontains"},
    {Operator::kContainsBytes, "bcontains"},
    {Operator::kStartsWith, "startswith"},
    {Operator::kStartsWithIgnoringCase, "istartswith"},
    {Operator::kStartsWithBytes, "bstartswith"},
    {Operator::kEndsWith, "endswith"},
    {Operator::kEndsWithIgnoringCase, "iendswith"},
    {Operator::kGlob, "glob"},
    {Operator::kGlobIgnoringCase, "iglob"},
    {Operator::kLike, "like"},
    {Operator::kLikeIgnoringCase, "ilike"},
    {Operator::kRegex, "regex"},
    {Operator::kSearch, "search"},
    {Operator::kExists, "exists"},
    {Operator::kIn, "in"},
    {Operator::kIntersects, "intersects"},
    {Operator::kPathMatch, "pmatch"},
    {Operator::kInBlock, "cidr"},
};

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// An argument that is more than a word is quoted: it may hold a bracket.
std::string FieldText(absl::string_view field) {
  const size_t bracket = field.find('[');
  if (bracket == field.npos) return std::string(field);
  const absl::string_view argument =
      field.substr(bracket + 1, field.size() - bracket - 2);
  const bool bare = argument.find_first_of("[]\"'\\") == argument.npos;
  return absl::StrCat(field.substr(0, bracket + 1),
                      bare ? std::string(argument) : Quoted(argument), "]");
}

std::string OperandText(const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::kField:
      return FieldText(operand.text);
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

// A part of a chain or of a negation. Parentheses stand only where the parts
// would join otherwise, so that the text nests no deeper than what was parsed.
std::string PartText(const Expression& whole, const Expression& part) {
  const bool bare = part.kind == Expression::Kind::kComparison ||
                    part.kind == Expression::Kind::kMacro ||
                    (part.kind == Expression::Kind::kNot &&
                     whole.kind != Expression::Kind::kNot) ||
                    (part.kind == Expression::Kind::kAnd &&
                     whole.kind == Expression::Kind::kOr);
  return bare ? ToText(part) : absl::StrCat("(", ToText(part), ")");
}

std::string Joined(const Expression& expression, absl::string_view word) {
  return absl::StrJoin(expression.children, word,
                       [&](std::string* out, const ExpressionPtr& child) {
                         absl::StrAppend(out, PartText(expression, *child));
                       });
}

}  // namespace

std::string ToText(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kAnd:
      return Joined(expression, " and ");
    case Expression::Kind::kOr:
      return Joined(expression, " or ");
    case Expression::Kind::kNot:
      return absl::StrCat("not ",
                          PartText(expression, *expression.children[0]));
    case Expression::Kind::kMacro:
      return expression.macro;
    case Expression::Kind::kComparison:
      return ComparisonText(expression);
  }
  return "";
}

bool AreLiterals(const std::vector<Operand>& operands) {
  return std::all_of(operands.begin(), operands.end(),
                     [](const Operand& operand) {
                       return operand.kind == Operand::Kind::kLiteral;
                     });
}

bool NeedsValue(const Expression& comparison) {
  return comparison.op != Operator::kNotEqual &&
         comparison.quantifier != Quantifier::kAllOf;
}

void AddFields(const Operand& operand, std::set<std::string>& fields) {
  if (operand.kind == Operand::Kind::kField) fields.insert(operand.text);
  for (const Operand& argument : operand.arguments) {
    AddFields(argument, fields);
  }
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
