#include "detection/exception_condition.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "detection/comparison.h"

namespace gatewatch::detection {
namespace {

absl::Status AddValue(const std::string& value, const FindList& lists,
                      Expression& comparison) {
  const std::vector<std::string>* list =
      TakesList(comparison.op) ? lists(value) : nullptr;
  if (list != nullptr) {
    for (const std::string& item : *list) {
      comparison.right.push_back({.text = item});
    }
  } else if (TakesList(comparison.op) || comparison.right.empty()) {
    comparison.right.push_back({.text = Unquoted(value)});
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(OperatorName(comparison.op), " takes one value"));
  }
  return absl::OkStatus();
}

// A field and an operator, without values yet.
absl::StatusOr<ExpressionPtr> Begin(const std::string& field,
                                    const std::string& op) {
  auto comparison = std::make_unique<Expression>();
  ParseError error;
  if (ParseOutputField(field, comparison->left, error) != field.size() ||
      comparison->left.kind == Operand::Kind::kLiteral) {
    return absl::InvalidArgumentError(absl::StrCat(field, " is no field"));
  }
  if (!FindOperator(op, comparison->op) ||
      comparison->op == Operator::kExists) {
    return absl::InvalidArgumentError(
        absl::StrCat(op, " is no operator with a value"));
  }
  return comparison;
}

// All that may stand for "any of": one is enough, none is null.
ExpressionPtr Chain(Expression::Kind kind,
                    std::vector<ExpressionPtr> children) {
  if (children.empty()) return nullptr;
  if (children.size() == 1) return std::move(children[0]);
  auto chain = std::make_unique<Expression>();
  chain->kind = kind;
  chain->children = std::move(children);
  return chain;
}

// One row of values; of a single field with an operator that takes a list all
// rows at once.
absl::StatusOr<ExpressionPtr> RowCondition(
    const RuleDefinition::Exception& exception, size_t first, size_t last,
    const FindList& lists) {
  std::vector<ExpressionPtr> all;
  for (size_t i = 0; i < exception.fields.size(); ++i) {
    GATEWATCH_ASSIGN_OR_RETURN(
        ExpressionPtr comparison,
        Begin(exception.fields[i], exception.operators[i]));
    for (size_t row = first; row < last; ++row) {
      for (const std::string& value : exception.values[row][i]) {
        GATEWATCH_RETURN_IF_ERROR(AddValue(value, lists, *comparison));
      }
    }
    if (comparison->right.empty() && !TakesList(comparison->op)) {
      return absl::InvalidArgumentError("a value is missing");
    }
    // Compiled again with the rule, whose errors would name its condition.
    GATEWATCH_RETURN_IF_ERROR(Comparison::Compile(*comparison).status());
    all.push_back(std::move(comparison));
  }
  return Chain(Expression::Kind::kAnd, std::move(all));
}

}  // namespace

absl::StatusOr<ExpressionPtr> ExceptionCondition(
    const RuleDefinition::Exception& exception, const FindList& lists) {
  Operator op = Operator::kEqual;
  const bool at_once = exception.single &&
                       FindOperator(exception.operators[0], op) &&
                       TakesList(op);
  const size_t rows = exception.values.size();
  const size_t step = at_once ? rows : 1;
  std::vector<ExpressionPtr> any;
  for (size_t row = 0; row < rows; row += step) {
    GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr condition,
                               RowCondition(exception, row, row + step, lists));
    if (condition != nullptr) any.push_back(std::move(condition));
  }
  return Chain(Expression::Kind::kOr, std::move(any));
}

}  // namespace gatewatch::detection
