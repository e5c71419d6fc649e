#ifndef GATEWATCH_DETECTION_EXPRESSION_H_
#define GATEWATCH_DETECTION_EXPRESSION_H_

// A condition as a tree. What the parser makes and the compiler takes.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatewatch::detection {

enum class Operator {
  kEqual,
  kEqualIgnoringCase,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kContains,
  kContainsIgnoringCase,
  kContainsBytes,
  kStartsWith,
  kStartsWithIgnoringCase,
  kStartsWithBytes,
  kEndsWith,
  kEndsWithIgnoringCase,
  kGlob,
  kGlobIgnoringCase,
  kLike,  // "*", "?", and a backslash before what is meant literally
  kLikeIgnoringCase,
  kRegex,   // of the whole value
  kSearch,  // a regular expression, anywhere in the value
  kExists,
  kIn,
  kIntersects,
  kPathMatch,
  kInBlock,
};

// What a comparison with a list of values asks of them.
enum class Quantifier { kOne, kAnyOf, kAllOf };

// A field, a literal, or a function of these.
struct Operand {
  enum class Kind { kField, kLiteral, kCall };
  Kind kind = Kind::kLiteral;
  std::string text;  // name of the field or function, or the literal
  std::vector<Operand> arguments;
};

bool AreLiterals(const std::vector<Operand>& operands);

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  enum class Kind { kAnd, kOr, kNot, kComparison, kMacro };
  Kind kind = Kind::kComparison;
  size_t position = 0;  // where it begins in the text, from 0

  std::vector<ExpressionPtr> children;  // kAnd, kOr: two or more; kNot: one

  std::string macro;  // kMacro

  // Of the rule's exception that it was made of; empty: of none.
  std::string exception;

  // kComparison
  Operand left;
  Operator op = Operator::kEqual;
  Quantifier quantifier = Quantifier::kOne;
  std::vector<Operand> right;  // one, except for lists and quantifiers
};

// Whether a comparison holds only when the fields on its left have a value.
bool NeedsValue(const Expression& comparison);

// The condition in the rule language; within the parser's limits, what it
// parses back to is equal to it.
std::string ToText(const Expression& expression);

// Adds the fields that the operand reads, arguments included.
void AddFields(const Operand& operand, std::set<std::string>& fields);

absl::string_view OperatorName(Operator op);

// The operator of that name; false: there is none.
bool FindOperator(absl::string_view name, Operator& op);

// Whether the operator's right side is a list in parentheses.
bool TakesList(Operator op);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_EXPRESSION_H_
