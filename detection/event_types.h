#ifndef GATEWATCH_DETECTION_EVENT_TYPES_H_
#define GATEWATCH_DETECTION_EVENT_TYPES_H_

#include <string>

#include "absl/container/btree_set.h"
#include "detection/expression.h"

namespace gatewatch::detection {

// The values of evt.type that a condition can hold for, by set algebra over
// its structure, as Falco routes its rules: a set of names, or all but these.
struct EventTypes {
  bool all_but = true;
  absl::btree_set<std::string> names;
  // The condition depends on evt.type alone, so that its negation holds for
  // exactly the other types.
  bool exact = false;

  static EventTypes All() { return {}; }
  static EventTypes None() { return {.all_but = false}; }
  bool is_none() const { return !all_but && names.empty(); }
};

EventTypes And(const EventTypes& a, const EventTypes& b);
EventTypes Or(const EventTypes& a, const EventTypes& b);
EventTypes Not(const EventTypes& types);
EventTypes OfComparison(const Expression& comparison);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_EVENT_TYPES_H_
