#ifndef GATEWATCH_DETECTION_RULE_ITEM_H_
#define GATEWATCH_DETECTION_RULE_ITEM_H_

#include <string>
#include <vector>

#include "detection/rule_file.h"

namespace YAML {
class Node;
}

namespace gatewatch::detection {

// Applies one item of a rule file (a rule, macro, list or requirement) to the
// definitions. Throws what yaml-cpp throws.
void ReadRuleItem(const RuleSource& source, const YAML::Node& item,
                  Definitions& definitions, std::vector<std::string>& errors,
                  std::vector<std::string>& warnings);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_RULE_ITEM_H_
