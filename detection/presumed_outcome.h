#ifndef GATEWATCH_DETECTION_PRESUMED_OUTCOME_H_
#define GATEWATCH_DETECTION_PRESUMED_OUTCOME_H_

#include <cstdint>
#include <optional>

#include "detection/event_view.h"

namespace gatewatch::detection {

// What a call returned, for rules that ask. Where the end of a call was not
// seen, a call that had by all that was seen nothing in its way is presumed to
// have gone ahead (docs/adr/0005): an open of an existing file, a connect, a
// mount by a process with CAP_SYS_ADMIN.
struct CallResult {
  // As the kernel returns it: a negative errno on failure. A failure whose
  // reason nobody saw is -1.
  int64_t value = 0;
  bool presumed = false;
};

// Nothing when the end was not seen and something may have stood in the way,
// and for events that are no call.
std::optional<CallResult> ResultOf(const EventView& view);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_PRESUMED_OUTCOME_H_
