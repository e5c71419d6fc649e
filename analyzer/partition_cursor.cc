#include "analyzer/partition_cursor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/report.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

// Before the first row (rows count from 1) and behind the last.
constexpr int64_t kBeforeRows = -1;
constexpr int64_t kBehindRows = INT64_MAX;

// The first row, seen in the query's order, that is no longer wanted before
// the result begins: (time, row).
struct Start {
  uint64_t time = 0;
  int64_t row = 0;
};

uint64_t Until(const EventQuery& query) {
  if (query.until_ns == 0) return kEndOfTime;
  return std::min(query.until_ns, kEndOfTime);
}

Start StartOf(const EventQuery& query, uint64_t partition) {
  if (!query.after.has_value()) {
    return {query.newest_first ? Until(query) : query.since_ns, kBeforeRows};
  }
  const EventPosition& after = *query.after;
  if (after.partition == partition) return {after.time_ns, after.row};
  // Events of the same time are ordered by partition: this one's are either
  // all before `after` or all behind it.
  const bool passed = query.newest_first ? partition > after.partition
                                         : partition < after.partition;
  const bool to_the_end = query.newest_first ? !passed : passed;
  return {after.time_ns, to_the_end ? kBehindRows : kBeforeRows};
}

std::string SqlOf(const EventQuery& query) {
  const bool by_process = !query.process_key.empty();
  std::string sql = absl::StrCat(
      "SELECT source, sequence, time, kind, process_key, body, checksum, id"
      " FROM events INDEXED BY ",
      by_process ? "events_by_process" : "events_by_time",
      query.newest_first ? " WHERE (time, id) < (?1, ?2) AND time >= ?3"
                         : " WHERE (time, id) > (?1, ?2) AND time < ?3");
  if (by_process) absl::StrAppend(&sql, " AND process_key = ?4");
  if (!query.kinds.empty()) {
    absl::StrAppend(&sql, " AND kind IN (");
    for (size_t i = 0; i < query.kinds.size(); ++i) {
      absl::StrAppend(&sql, i == 0 ? "?" : ", ?", i + 5);
    }
    absl::StrAppend(&sql, ")");
  }
  const char* order = query.newest_first ? "DESC" : "ASC";
  absl::StrAppend(&sql, " ORDER BY time ", order, ", id ", order);
  return sql;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PartitionCursor>> PartitionCursor::Open(
    std::shared_ptr<Partition> partition, const EventQuery& query) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database, OpenForReading(partition->path(), kPartitionSchema));
  std::unique_ptr<PartitionCursor> cursor(
      new PartitionCursor(std::move(partition), std::move(database)));
  GATEWATCH_RETURN_IF_ERROR(cursor->Prepare(query));
  return cursor;
}

PartitionCursor::PartitionCursor(std::shared_ptr<Partition> partition,
                                 Database database)
    : partition_(std::move(partition)), database_(std::move(database)) {
  position_.partition = partition_->start_seconds();
}

absl::Status PartitionCursor::Prepare(const EventQuery& query) {
  GATEWATCH_ASSIGN_OR_RETURN(surroundings_, Surroundings::Open(database_));
  GATEWATCH_ASSIGN_OR_RETURN(Statement events, database_.Prepare(SqlOf(query)));
  events_ = std::make_unique<Statement>(std::move(events));
  const Start start = StartOf(query, partition_->start_seconds());
  events_->BindAt(1, start.time);
  events_->BindAt(2, start.row);
  events_->BindAt(3, query.newest_first ? query.since_ns : Until(query));
  if (!query.process_key.empty()) events_->BindAt(4, query.process_key);
  for (size_t i = 0; i < query.kinds.size(); ++i) {
    events_->BindAt(static_cast<int>(i) + 5, query.kinds[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PartitionCursor::Next() {
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, events_->Step());
  if (!row) return false;
  GATEWATCH_RETURN_IF_ERROR(events_->Verify(6));
  source_ = events_->Integer(0);
  position_.time_ns = events_->Unsigned(2);
  position_.row = events_->Integer(7);
  const absl::string_view body = events_->Bytes(5);
  if (!event_.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return absl::DataLossError("a stored event cannot be read");
  }
  return true;
}

absl::StatusOr<detection::EventView> PartitionCursor::View() {
  return surroundings_->Of(source_, event_);
}

absl::StatusOr<v1::EventRecord> PartitionCursor::Record() {
  GATEWATCH_ASSIGN_OR_RETURN(const Surroundings::Source* source,
                             surroundings_->SourceOf(source_));
  GATEWATCH_ASSIGN_OR_RETURN(const detection::EventView view, View());
  return RecordOf(source->agent_id, source->epoch, view);
}

}  // namespace gatewatch::analyzer
