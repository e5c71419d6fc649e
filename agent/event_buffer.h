#ifndef GATEWATCH_AGENT_EVENT_BUFFER_H_
#define GATEWATCH_AGENT_EVENT_BUFFER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/enriched_event.h"

namespace gatewatch::agent {

// Keeps events until the analyzer has acknowledged them, in a bounded amount
// of memory, and numbers them: consecutively from 1, on entry.
//
// Threads:  Append() from one; Read(), Acknowledge() from others.
// Capacity: bytes of encoded events and of the process states that they alone
//           keep alive.
// Full:     the new event is dropped and counted by kind. As soon as there is
//           room again, an event tells of the loss, in its place in the
//           sequence. Nothing here waits for the analyzer.
class EventBuffer {
 public:
  // Shared by the buffer and a batch in the making, which may outlive the
  // event's stay here.
  using EventPtr = std::shared_ptr<const EnrichedEvent>;

  struct Slice {
    uint64_t first_sequence = 0;
    std::vector<EventPtr> events;  // empty: nothing new in time
  };

  explicit EventBuffer(size_t capacity_bytes);

  void Append(std::vector<EnrichedEvent> events) ABSL_LOCKS_EXCLUDED(mutex_);

  // At most `limit` events after sequence number `after`, waiting up to `wait`
  // for the first of them.
  Slice Read(uint64_t after, size_t limit, absl::Duration wait)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Forgets the events up to `sequence`. False, and nothing forgotten, when
  // there never was such an event.
  bool Acknowledge(uint64_t sequence) ABSL_LOCKS_EXCLUDED(mutex_);

  // Numbers what is here from 1 again, for a new epoch.
  void Renumber() ABSL_LOCKS_EXCLUDED(mutex_);

  // True: everything was acknowledged within `patience`.
  bool AwaitEmpty(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

  struct Counters {
    uint64_t events = 0;
    uint64_t bytes = 0;
    uint64_t dropped = 0;
    uint64_t last_acknowledged = 0;
  };
  Counters counters() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    EventPtr event;
    size_t cost;
  };

  // Leaves `event` alone when it does not fit.
  bool TryStore(EnrichedEvent&& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Store(EnrichedEvent event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountLost(const v1::Event& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stores the event that tells of what was lost, when it fits.
  void ReportLoss() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t EndSequence() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return first_sequence_ + entries_.size();
  }

  const size_t capacity_bytes_;
  mutable absl::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  uint64_t first_sequence_ ABSL_GUARDED_BY(mutex_) = 1;  // of entries_[0]
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // How many entries refer to each state; its bytes are counted once.
  absl::flat_hash_map<const Lineage*, uint32_t> states_ ABSL_GUARDED_BY(mutex_);

  std::map<std::string, uint64_t> lost_ ABSL_GUARDED_BY(mutex_);
  uint64_t lost_since_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t lost_until_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_EVENT_BUFFER_H_
