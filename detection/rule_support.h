#ifndef GATEWATCH_DETECTION_RULE_SUPPORT_H_
#define GATEWATCH_DETECTION_RULE_SUPPORT_H_

// What keeps a rule that loads from seeing all that its author meant.

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "detection/event_types.h"
#include "detection/field.h"

namespace gatewatch::detection {

// What a rule looks at.
struct RuleNeeds {
  std::set<std::string> tested;   // fields of the condition
  std::set<std::string> printed;  // fields of the output
  EventTypes types;               // of the events that it can match
  EventTypes named;               // those of them that its author named
};

// Which fields and calls are not known, or only presumed, and on which rungs:
// "evt.rawres is presumed on launch, attach; no rung sees recvfrom". Empty
// when nothing is.
std::string LimitsOf(const RuleNeeds& needs);

// The same for one field, "is presumed on launch, attach"; empty when it is
// known wherever there is an event that has it.
std::string LimitOfField(const FieldRow& row);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_RULE_SUPPORT_H_
