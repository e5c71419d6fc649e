#ifndef GATEWATCH_DETECTION_SIGMA_SELECTION_H_
#define GATEWATCH_DETECTION_SIGMA_SELECTION_H_

#include "absl/status/statusor.h"
#include "detection/expression.h"
#include "detection/sigma/transform.h"
#include "detection/sigma/view.h"

namespace YAML {
class Node;
}

namespace gatewatch::detection::sigma {

// A selection of a rule as an expression over our fields: of a map all keys
// have to hold, of a list one item; what is no map is a keyword. Status as
// TestOf; `at` becomes what it is about.
absl::StatusOr<ExpressionPtr> SelectionOf(const YAML::Node& node,
                                          const View& view,
                                          const Placeholders& placeholders,
                                          YAML::Node& at);

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_SELECTION_H_
