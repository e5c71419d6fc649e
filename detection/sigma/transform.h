#ifndef GATEWATCH_DETECTION_SIGMA_TRANSFORM_H_
#define GATEWATCH_DETECTION_SIGMA_TRANSFORM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::detection::sigma {

// The values of each placeholder, by its name without percent signs.
using Placeholders = std::map<std::string, std::vector<std::string>>;

// Whether values of this modifier become other values: "base64", "wide" …
bool IsTransformation(absl::string_view modifier);

// What a value becomes, one or several alternatives. Values and results are
// patterns, see Like. INVALID_ARGUMENT: the modifier does not take this value.
// UNIMPLEMENTED: a placeholder without values, or more alternatives than are
// worth having.
absl::StatusOr<std::vector<std::string>> Transform(
    absl::string_view modifier, const std::string& value,
    const Placeholders& placeholders);

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_TRANSFORM_H_
