#include "analyzer/silence.h"

#include <algorithm>

#include "analyzer/loss_batch.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {

absl::Status TellSilences(AgentRegistry& agents, Pipeline& pipeline,
                          absl::Duration patience) {
  for (const v1::Agent& agent : agents.TakeSilent(patience)) {
    LogWarning("agent ", agent.agent_id(), " is silent: its stream ended ",
               "without a goodbye, and it has not come back");
    const uint64_t now = UnixNanos();
    const uint64_t heard =
        std::max(agent.last_event_ns(), agent.last_seen_ns());
    const v1::Batch batch = LossBatch(
        LossOf(v1::Loss::REASON_AGENT_DIED, 0, std::min(heard, now), now), 0);
    // A life of its own: the agent may yet go on with the numbers of its.
    GATEWATCH_RETURN_IF_ERROR(pipeline.AcceptOwn({.agent_id = agent.agent_id(),
                                                  .epoch = now,
                                                  .workload = agent.workload(),
                                                  .batch = batch}));
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
