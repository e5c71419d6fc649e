#ifndef GATEWATCH_DETECTION_WHY_NOT_H_
#define GATEWATCH_DETECTION_WHY_NOT_H_

#include <optional>

#include "detection/compiled_condition.h"
#include "detection/event_view.h"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::detection {

// Why an event does not fulfil a condition.
struct WhyNot {
  // The comparison that failed first, and the value that its field had ("<NA>"
  // for none). Of a negation, what it should not have found.
  v1::Reason reason;
  // How many parts held before it: of two events, the one with more came
  // nearer.
  size_t held = 0;
};

// Nothing when the condition holds. Where none of several alternatives holds,
// it is about the one that came nearest.
std::optional<WhyNot> ExplainFailure(const CompiledCondition& condition,
                                     const EventView& event);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_WHY_NOT_H_
