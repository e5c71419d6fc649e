#ifndef GATEWATCH_DETECTION_SIGMA_CONDITION_H_
#define GATEWATCH_DETECTION_SIGMA_CONDITION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "detection/expression.h"

namespace gatewatch::detection::sigma {

// A condition over selections, which become macros named with `prefix` before
// their names. INVALID_ARGUMENT says what was expected, or which selection
// there is none of; UNIMPLEMENTED: it counts or looks for order ("| count()",
// "near"). At most 64 KiB of text and a nesting of 200.
absl::StatusOr<ExpressionPtr> ParseSigmaCondition(
    absl::string_view text, const std::vector<std::string>& selections,
    const std::string& prefix);

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_CONDITION_H_
