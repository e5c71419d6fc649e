#include "analyzer/store_losses.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "analyzer/life_spans.h"
#include "analyzer/loss_batch.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;

// What the store has lost of the end of an agent's present life, as far as the
// registry knows. False: nothing.
bool LostEndOf(const v1::Agent& agent, const LifeSpans& lives,
               const RecoveredPartitions& recovered, v1::Loss& loss) {
  const auto life = lives.find({agent.agent_id(), agent.epoch()});
  const bool known = life != lives.end() && life->second.last > 0;
  if (known && life->second.last >= agent.last_sequence()) return false;
  if (agent.last_sequence() == 0) return false;
  // Nothing of it is left: deleted as a whole, unless it was heard when what
  // was damaged was being written.
  const uint64_t seen_seconds = agent.last_seen_ns() / kNanosPerSecond;
  if (!known && seen_seconds < recovered.since_seconds) return false;
  // How much of it had been deleted before is then not known.
  const uint64_t count = known ? agent.last_sequence() - life->second.last : 0;
  const uint64_t since = known ? life->second.last_time_ns : agent.epoch();
  loss = LossOf(v1::Loss::REASON_STORE_DAMAGED, count, since,
                std::max(since, agent.last_event_ns()));
  return true;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> StateLosses(EventStore& events,
                                                     AgentRegistry& agents) {
  const RecoveredPartitions recovered = events.TakeRecovered();
  for (const LostEvents& lost : recovered.lost) {
    GATEWATCH_RETURN_IF_ERROR(agents.NoteLost(lost.agent_id, lost.count));
  }
  std::vector<std::string> said = recovered.statements;
  // In this order: what the registry knows has been stored before.
  const std::vector<v1::Agent> known = agents.List();
  const LifeSpans lives = events.Lives();
  for (const v1::Agent& agent : known) {
    v1::Loss loss;
    if (!LostEndOf(agent, lives, recovered, loss)) continue;
    const uint64_t count = loss.counts(0).count();
    said.push_back(absl::StrCat(
        "of agent ", agent.agent_id(), ", events up to number ",
        agent.last_sequence(), " had been stored and are lost: ",
        count == 0 ? "how many is not known" : absl::StrCat(count)));
    LogError(said.back());
    const v1::Batch batch = LossBatch(loss, agent.last_sequence());
    GATEWATCH_RETURN_IF_ERROR(events.Append({.agent_id = agent.agent_id(),
                                             .epoch = agent.epoch(),
                                             .workload = agent.workload(),
                                             .batch = batch}));
    GATEWATCH_RETURN_IF_ERROR(agents.NoteLost(agent.agent_id(), count));
  }
  return said;
}

}  // namespace gatewatch::analyzer
