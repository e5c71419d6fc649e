#ifndef GATEWATCH_ANALYZER_EVENT_STORE_H_
#define GATEWATCH_ANALYZER_EVENT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "analyzer/event_scan.h"
#include "analyzer/life_spans.h"
#include "analyzer/partition.h"
#include "analyzer/partition_recovery.h"
#include "analyzer/report.h"
#include "base/clock.h"

namespace gatewatch::analyzer {

class PartitionWriter;

struct EventStoreOptions {
  std::string directory;
  // Partitions whose last arrival is longer ago are deleted.
  absl::Duration retention = absl::Hours(24 * 7);
  // When the partitions together grow beyond it, the oldest are deleted; the
  // newest is kept. 0: no limit.
  uint64_t max_bytes = 0;
  absl::Duration partition_span = absl::Hours(1);
  // A partition ends with its span, or when it has as many.
  uint64_t max_partition_events = 500'000;
  // Have Open() read every partition to its end, and compare indexes with
  // their tables. Takes its time.
  bool check_all = false;
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
// Damage:   a partition file that is not as it was written is set aside under
//           another name and never deleted; what can be saved of it goes into
//           a new one, and what is lost is said: see RecoverPartitions(). At
//           Open() the newest is read to its end; of the others, damage shows
//           when they are read. The store goes on meanwhile.
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

  // What is stored of every life of every agent. Reads the disk.
  LifeSpans Lives();

  // Deletes what is too old or too much, and recovers what was found damaged.
  // Call it now and then, from one thread. True: something was recovered.
  bool Trim() ABSL_LOCKS_EXCLUDED(write_mutex_);

  // Makes the indexes that queries use of partitions that are full or past;
  // see PartitionIndex. Ends early when `stop` says so. From one thread.
  void BuildIndexes(absl::FunctionRef<bool()> stop)
      ABSL_LOCKS_EXCLUDED(list_mutex_);

  // What was recovered since Open() or the last call.
  RecoveredPartitions TakeRecovered() ABSL_LOCKS_EXCLUDED(list_mutex_);

  // Since Open().
  struct Deleted {
    uint64_t partitions_by_age = 0;
    uint64_t partitions_by_size = 0;
    uint64_t events = 0;
  };
  Deleted deleted() ABSL_LOCKS_EXCLUDED(list_mutex_);

 private:
  struct Pending;

  explicit EventStore(EventStoreOptions options);
  absl::Status LoadPartitions();
  absl::Status Check(Partition& partition, bool is_newest) const;
  bool Recover() ABSL_LOCKS_EXCLUDED(list_mutex_);
  void DeleteByAge() ABSL_LOCKS_EXCLUDED(write_mutex_, list_mutex_);
  void DeleteBySize() ABSL_LOCKS_EXCLUDED(list_mutex_);
  void Delete(Partition& partition, const char* why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(list_mutex_);
  void ForgetDecided() ABSL_EXCLUSIVE_LOCKS_REQUIRED(list_mutex_);
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
  RecoveredPartitions recovered_ ABSL_GUARDED_BY(list_mutex_);
  Deleted deleted_ ABSL_GUARDED_BY(list_mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_EVENT_STORE_H_
