#ifndef GATEWATCH_RULES_SHIPPED_RULES_H_
#define GATEWATCH_RULES_SHIPPED_RULES_H_

#include <vector>

#include "detection/rule_set.h"

namespace gatewatch {

// The rule files of rules/, built into the program.
std::vector<detection::RuleSource> ShippedRules();

}  // namespace gatewatch

#endif  // GATEWATCH_RULES_SHIPPED_RULES_H_
