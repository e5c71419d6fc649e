#ifndef GATEWATCH_ANALYZER_SILENCE_H_
#define GATEWATCH_ANALYZER_SILENCE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "analyzer/agent_registry.h"
#include "analyzer/pipeline.h"

namespace gatewatch::analyzer {

// Tells of each agent whose stream ended without a goodbye and that has not
// come back for `patience`: as a loss in its stream, which rules can match as
// any other event. Each silence is told once. One that is over, because the
// agent came back within it, is not.
//
// A network that is interrupted looks the same from here.
absl::Status TellSilences(AgentRegistry& agents, Pipeline& pipeline,
                          absl::Duration patience);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_SILENCE_H_
