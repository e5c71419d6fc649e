#ifndef GATEWATCH_ANALYZER_PARTITION_RECOVERY_H_
#define GATEWATCH_ANALYZER_PARTITION_RECOVERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gatewatch::analyzer {

// Events of one life of an agent that were acknowledged and are gone.
struct LostEvents {
  std::string agent_id;
  uint64_t epoch = 0;
  uint64_t count = 0;
};

struct RecoveredPartitions {
  std::vector<uint64_t> starts;  // see Partition::start_seconds
  std::vector<LostEvents> lost;
  // What was said of each; see RecoveryPlan::finish.
  std::vector<std::string> statements;
  // The earliest arrival that a damaged partition stood for.
  uint64_t since_seconds = UINT64_MAX;
};

// Makes of each damaged partition that was set aside in the folder a new one
// with what can be saved of it, once; see RecoverDatabases().
//
// Events of one life of an agent are numbered without gaps. So what is missing
// between those saved, and between them and the neighbouring partitions, is
// known to be lost: it is said by an event in that agent's stream, under the
// last of the missing numbers. Of a life that has no later partition the end
// is not known here; the registry knows how far it had come.
absl::StatusOr<RecoveredPartitions> RecoverPartitions(
    const std::string& directory, uint64_t now_ns);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PARTITION_RECOVERY_H_
