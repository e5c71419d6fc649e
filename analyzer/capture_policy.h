#ifndef GATEWATCH_ANALYZER_CAPTURE_POLICY_H_
#define GATEWATCH_ANALYZER_CAPTURE_POLICY_H_

#include <optional>

#include "detection/rule_set.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::analyzer {

// What agents are to capture for these rules: what they need, and what an
// investigation cannot do without, however few rules there are (processes,
// connections, and the rare calls that reach into others or into the kernel).
// Nothing, which stands for everything, when that cannot be told.
std::optional<v1::CapturePolicy> PolicyFor(const detection::RuleSet& rules);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_CAPTURE_POLICY_H_
