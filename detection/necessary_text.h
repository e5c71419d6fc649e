#ifndef GATEWATCH_DETECTION_NECESSARY_TEXT_H_
#define GATEWATCH_DETECTION_NECESSARY_TEXT_H_

#include <vector>

#include "detection/comparison.h"
#include "detection/text_index.h"

namespace gatewatch::detection {

// What has to be in one of the values on the left of a comparison for it to
// hold: a text that fulfils one of the patterns.
struct NecessaryText {
  std::vector<TextPattern> any_of;  // none: nothing is known to be necessary
  // A guess how often an event fulfils one, from 0 to 1.
  double chance = 1;
};

NecessaryText NecessaryTextOf(const Comparison& comparison);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_NECESSARY_TEXT_H_
