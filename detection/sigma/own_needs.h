#ifndef GATEWATCH_DETECTION_SIGMA_OWN_NEEDS_H_
#define GATEWATCH_DETECTION_SIGMA_OWN_NEEDS_H_

#include <set>
#include <string>

#include "detection/event_types.h"
#include "detection/expression.h"

namespace gatewatch::detection::sigma {

// What a rule's selections and those of its filters ask for by themselves. What
// their view asks besides is no choice of the author's.
class OwnNeeds {
 public:
  void Add(const Expression& selection);

  // What keeps a rule that can match events of these types from seeing all
  // that its author meant, see rule_support.h. Empty: nothing.
  std::string Limits(const EventTypes& types) const;
  // Why there is no event for which the rule holds.
  std::string WhyNever() const;

 private:
  std::set<std::string> fields_;   // ours
  std::set<std::string> unknown_;  // Sigma's that none of ours stands for
  EventTypes calls_ = EventTypes::None();  // that it names
  std::set<std::string> never_;            // comparisons that hold for no event
};

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_OWN_NEEDS_H_
