#ifndef GATEWATCH_ANALYZER_AGENT_REGISTRY_H_
#define GATEWATCH_ANALYZER_AGENT_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "analyzer/report.h"
#include "analyzer/sqlite.h"
#include "base/clock.h"
#include "gatewatch/v1/ingest.pb.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::analyzer {

// Knows the fleet: who reports, how far it got, what it lost.
//
// Durable:  what was noted survives a crash of this program. A crash of the
//           machine may take it back by seconds; EventStore::ProgressOf()
//           knows better then.
// Threads:  any.
// Limits:   kMaxAgents; agents that were not heard for the retention are
//           forgotten by Trim().
// Damage:   at Open() a damaged file is set aside and a new one begun.
class AgentRegistry {
 public:
  static constexpr size_t kMaxAgents = 100'000;

  static absl::StatusOr<std::unique_ptr<AgentRegistry>> Open(
      const std::string& directory, std::function<uint64_t()> now = UnixNanos);

  // The life that an agent was last heard in.
  struct Life {
    uint64_t epoch = 0;
    uint64_t last_sequence = 0;
    // Of its last event; of its last word when it sent none. Unix nanoseconds.
    uint64_t last_time_ns = 0;
    bool ended = false;  // in order
  };
  std::optional<Life> LastLife(const std::string& agent_id) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Its stream begins. A new epoch after a life that has not ended counts as
  // an unclean end. RESOURCE_EXHAUSTED: too many agents.
  absl::Status Connect(const v1::Hello& hello, uint64_t last_sequence)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Each of the following is about an agent that has connected.
  absl::Status NoteStored(const Report& report) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status NoteHeartbeat(const std::string& agent_id,
                             const v1::Heartbeat& heartbeat)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status NoteGoodbye(const std::string& agent_id)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Events of it that had been stored are gone. No word from the agent.
  absl::Status NoteLost(const std::string& agent_id, uint64_t count)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Disconnect(const std::string& agent_id) ABSL_LOCKS_EXCLUDED(mutex_);

  // Those whose streams ended out of order at least so long ago, each once
  // for an end. Ends that an earlier run of this program saw do not count.
  std::vector<v1::Agent> TakeSilent(absl::Duration patience)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // By agent_id.
  std::vector<v1::Agent> List() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Forgets who is not connected and was not heard for `retention`.
  absl::Status Trim(absl::Duration retention) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    v1::Agent agent;
    bool ended = false;
    // When its stream ended out of order; 0: it has not, or that was taken.
    uint64_t silent_since_ns = 0;
  };

  AgentRegistry(Database database, std::function<uint64_t()> now);
  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);
  // Marks the agent as heard now, and stores it.
  absl::Status SaveHeard(Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Save(const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<uint64_t()> now_;
  mutable absl::Mutex mutex_;
  Database database_ ABSL_GUARDED_BY(mutex_);
  absl::btree_map<std::string, Entry> agents_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_AGENT_REGISTRY_H_
