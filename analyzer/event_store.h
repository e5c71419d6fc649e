#ifndef GATEWATCH_ANALYZER_EVENT_STORE_H_
#define GATEWATCH_ANALYZER_EVENT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "analyzer/event_scan.h"
#include "analyzer/partition.h"
#include "analyzer/report.h"
#include "base/clock.h"

namespace gatewatch::analyzer {

class PartitionWriter;

struct EventStoreOptions {
  std::string directory;
  // Partitions whose last arrival is longer ago are deleted.
  absl::Duration retention = absl::Hours(24 * 7);
  absl::Duration partition_span = absl::Hours(1);
  // Tells the time of arrival, Unix nanoseconds.
  std::function<uint64_t()> now = UnixNanos;
};

// Keeps events, each once, until they are too old: one SQLite file for what
// arrived within one span of time. The time of arrival decides, not the
// event's own, because that is a peer's claim: it must not determine how many
// files there are, nor when evidence is deleted.
//
// Durable:  what Append() has returned OK for survives a crash of this program
//           and of the machine: the transaction is in the write-ahead log, and
//           the log is on the disk.
// Once:     an event that is appended again to the same partition is passed
//           over. A stream resumes behind LastSequence(), which keeps it from
//           being sent again to a later one.
// Threads:  any. Scans never wait for a writer. Writers that come together
//           share a transaction.
// Damage:   a partition file that SQLite cannot read is set aside under
//           another name with a log line, and the store goes on without it.
class EventStore {
 public:
  static absl::StatusOr<std::unique_ptr<EventStore>> Open(
      EventStoreOptions options);
  ~EventStore();

  // RESOURCE_EXHAUSTED: the disk is full. After an error nothing of the
  // report is stored.
  absl::Status Append(const Report& report) ABSL_LOCKS_EXCLUDED(write_mutex_);

  struct Progress {
    bool known = false;  // something of this agent and epoch is stored
    uint64_t last_sequence = 0;
  };
  // How far one life of an agent is stored. Reads the disk.
  absl::StatusOr<Progress> ProgressOf(absl::string_view agent_id,
                                      uint64_t epoch);

  EventScan Scan(EventQuery query) { return {partitions(), std::move(query)}; }

  // Oldest first.
  std::vector<std::shared_ptr<Partition>> partitions()
      ABSL_LOCKS_EXCLUDED(list_mutex_);

  // Deletes what is too old. Call it now and then.
  void Trim() ABSL_LOCKS_EXCLUDED(write_mutex_);

 private:
  struct Pending;

  explicit EventStore(EventStoreOptions options);
  absl::Status LoadPartitions();
  std::vector<Pending*> TakeQueue() ABSL_LOCKS_EXCLUDED(queue_mutex_);
  absl::Status Write(const std::vector<const Report*>& reports)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status OpenWriter() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  std::shared_ptr<Partition> PartitionFor(uint64_t now_seconds)
      ABSL_LOCKS_EXCLUDED(list_mutex_);

  const EventStoreOptions options_;

  absl::Mutex queue_mutex_;
  std::vector<Pending*> queue_ ABSL_GUARDED_BY(queue_mutex_);

  absl::Mutex write_mutex_ ABSL_ACQUIRED_BEFORE(queue_mutex_, list_mutex_);
  std::unique_ptr<PartitionWriter> writer_ ABSL_GUARDED_BY(write_mutex_);

  absl::Mutex list_mutex_;
  // By start, oldest first.
  std::vector<std::shared_ptr<Partition>> partitions_
      ABSL_GUARDED_BY(list_mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_EVENT_STORE_H_
