#include "detection/outcome_text.h"

#include "detection/flag_names.h"

namespace gatewatch::detection {

std::string OutcomeText(const v1::Outcome& outcome) {
  switch (outcome.status()) {
    case v1::Outcome::STATUS_SUCCEEDED:
      return "SUCCESS";
    case v1::Outcome::STATUS_FAILED:
      return outcome.error() == 0 ? "FAILED" : ErrorName(outcome.error());
    default:
      return "";
  }
}

}  // namespace gatewatch::detection
