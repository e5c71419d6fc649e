#ifndef GATEWATCH_ANALYZER_STORE_LOSSES_H_
#define GATEWATCH_ANALYZER_STORE_LOSSES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/agent_registry.h"
#include "analyzer/event_store.h"

namespace gatewatch::analyzer {

// Says of each agent what the event store had acknowledged and has lost, by an
// event in its stream and in its losses: what a recovery has found out, and
// what the registry has seen stored behind the last event that there is (the
// end of a torn write-ahead log, say, which leaves no trace of itself). What
// was deleted on purpose is not a loss: it is the oldest, so that a life whose
// last event is gone is gone as a whole. Says nothing twice.
//
// Returns what it and the recovery have said, a line each. Call it after
// Open(), and after a Trim() that recovered something.
absl::StatusOr<std::vector<std::string>> StateLosses(EventStore& events,
                                                     AgentRegistry& agents);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_STORE_LOSSES_H_
