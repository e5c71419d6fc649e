#ifndef GATEWATCH_DETECTION_OUTCOME_TEXT_H_
#define GATEWATCH_DETECTION_OUTCOME_TEXT_H_

#include <string>

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

// "SUCCESS", the error's name, or "FAILED" when nobody saw why; empty when it
// is not known what came of the call.
std::string OutcomeText(const v1::Outcome& outcome);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_OUTCOME_TEXT_H_
