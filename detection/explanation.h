#ifndef GATEWATCH_DETECTION_EXPLANATION_H_
#define GATEWATCH_DETECTION_EXPLANATION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/compiled_condition.h"
#include "detection/event_view.h"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::detection {

// Appends why the part holds for the event: the comparisons that made it true,
// then what it was not to be ("not …"), a macro or exception as one. Nothing
// when it does not hold; at most 32 in all. `origin` is where the part itself
// comes from, see Reason.origin.
void ExplainMatch(const CompiledCondition::Node& node, const EventView& event,
                  absl::string_view origin, std::vector<v1::Reason>& reasons);

// The comparison with the value that its field has in the event.
v1::Reason ReasonOf(const Comparison& comparison, const EventView& event,
                    absl::string_view origin);

// The origin of a part that is itself in a part of origin `outer`.
std::string InnerOrigin(absl::string_view outer, const std::string& inner);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_EXPLANATION_H_
