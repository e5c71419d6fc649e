#ifndef GATEWATCH_DETECTION_EXCEPTION_CONDITION_H_
#define GATEWATCH_DETECTION_EXCEPTION_CONDITION_H_

#include "absl/status/statusor.h"
#include "detection/expression.h"
#include "detection/parser.h"
#include "detection/rule_file.h"

namespace gatewatch::detection {

// The condition that holds for what an exception names; null when it names
// nothing. Values of operators that take a list may name lists.
// InvalidArgument: a field, operator or value is wrong.
absl::StatusOr<ExpressionPtr> ExceptionCondition(
    const RuleDefinition::Exception& exception, const FindList& lists);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_EXCEPTION_CONDITION_H_
