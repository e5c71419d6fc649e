#include "detection/outcome_text.h"

#include "detection/flag_names.h"
#include "detection/presumed_outcome.h"

namespace gatewatch::detection {

void AddOutcome(const EventView& view, Values& values) {
  const v1::Outcome& outcome = view.event->outcome();
  if (outcome.status() == v1::Outcome::STATUS_FAILED) {
    values.push_back(TextValue(
        outcome.error() == 0 ? "FAILED" : ErrorName(outcome.error())));
    return;
  }
  const std::optional<CallResult> result = ResultOf(view);
  if (!result) return;
  values.push_back(TextValue("SUCCESS"));
  values.back().presumed = result->presumed;
}

}  // namespace gatewatch::detection
