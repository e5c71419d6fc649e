#ifndef GATEWATCH_DETECTION_SIGMA_VALUE_TEST_H_
#define GATEWATCH_DETECTION_SIGMA_VALUE_TEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "detection/expression.h"
#include "detection/sigma/transform.h"
#include "detection/sigma/view.h"

namespace gatewatch::detection::sigma {

// A value as the rule has it; nothing is null.
using RuleValue = std::optional<std::string>;

// The test of one key of a selection, "field|modifier|modifier", against its
// values. Without a field, or `key` empty, they are keywords.
// INVALID_ARGUMENT: the values do not fit the modifiers. UNIMPLEMENTED: it is
// no modifier, or nothing that can be had here.
absl::StatusOr<ExpressionPtr> TestOf(absl::string_view key,
                                     const std::vector<RuleValue>& values,
                                     const View& view,
                                     const Placeholders& placeholders);

// One of the parts, or all of them; the part itself when there is one.
ExpressionPtr Chain(Expression::Kind kind, std::vector<ExpressionPtr> parts);
ExpressionPtr Negation(ExpressionPtr part);

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_VALUE_TEST_H_
