#ifndef GATEWATCH_ANALYZER_PARTITION_CURSOR_H_
#define GATEWATCH_ANALYZER_PARTITION_CURSOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/event_scan.h"
#include "analyzer/indexed_rows.h"
#include "analyzer/partition.h"
#include "analyzer/sqlite.h"
#include "analyzer/surroundings.h"

namespace gatewatch::analyzer {

// Walks over the events of one partition in the order of a query. Where the
// query has a condition, events for which it cannot hold may be passed over:
// by the partition's index when it has one, else by their source.
//
// Threads: one at a time.
// Errors:  as Database's; DATA_LOSS also for a message that does not parse.
class PartitionCursor {
 public:
  static absl::StatusOr<std::unique_ptr<PartitionCursor>> Open(
      std::shared_ptr<Partition> partition, const EventQuery& query);

  // Goes to the next event; false: there is none.
  absl::StatusOr<bool> Next();

  // About the event that Next() went to, until it goes on.
  const EventPosition& position() const { return position_; }
  absl::StatusOr<detection::EventView> View();
  absl::StatusOr<v1::EventRecord> Record();

  // Which source of the partition it is from.
  int64_t source() const { return source_; }

  Partition& partition() { return *partition_; }

 private:
  explicit PartitionCursor(std::shared_ptr<Partition> partition,
                           Database database);
  absl::Status Prepare();
  absl::Status PrepareWalk(const std::vector<int64_t>& sources);
  // Whether the index can be used, and is.
  absl::StatusOr<bool> PrepareIndexed();
  absl::StatusOr<std::vector<int64_t>> SourcesFor(
      const detection::CompiledCondition& where);
  absl::StatusOr<bool> StepIndexed();
  // Goes on without the index, which is damaged.
  absl::Status GiveUpIndex(const absl::Status& why);

  const std::shared_ptr<Partition> partition_;  // see Partition
  // Statements end before their database.
  Database database_;
  std::unique_ptr<Surroundings> surroundings_;
  EventQuery query_;
  // The events themselves, or with rows_ the one of a number.
  std::unique_ptr<Statement> events_;
  std::unique_ptr<IndexedRows> rows_;
  EventPosition position_;
  int64_t source_ = 0;
  v1::Event event_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PARTITION_CURSOR_H_
