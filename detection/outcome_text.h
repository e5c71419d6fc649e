#ifndef GATEWATCH_DETECTION_OUTCOME_TEXT_H_
#define GATEWATCH_DETECTION_OUTCOME_TEXT_H_

#include "detection/event_view.h"
#include "detection/value.h"

namespace gatewatch::detection {

// Adds what came of a call as evt.res has it: "SUCCESS", the error's name, or
// "FAILED" when nobody saw why. A call of unknown outcome adds a presumed
// "SUCCESS" or nothing, see presumed_outcome.h.
void AddOutcome(const EventView& view, Values& values);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_OUTCOME_TEXT_H_
