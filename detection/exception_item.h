#ifndef GATEWATCH_DETECTION_EXCEPTION_ITEM_H_
#define GATEWATCH_DETECTION_EXCEPTION_ITEM_H_

#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/rule_file.h"

namespace YAML {
class Node;
}

namespace gatewatch::detection {

// Takes what is wrong, and the node that it is wrong with.
using ReportNode =
    std::function<void(const YAML::Node& node, absl::string_view what)>;

// Adds the exceptions of a rule, and values to those that it has already.
// Throws what yaml-cpp throws.
void ReadExceptions(const RuleSource& source, const YAML::Node& node,
                    const ReportNode& fail,
                    std::vector<RuleDefinition::Exception>& exceptions);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_EXCEPTION_ITEM_H_
