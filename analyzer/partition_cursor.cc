#include "analyzer/partition_cursor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/report.h"
#include "base/log.h"
#include "base/status.h"
#include "detection/narrowing.h"

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

// What the checksum covers comes first.
constexpr char kColumns[] =
    "SELECT source, sequence, time, kind, process_key, body, checksum, id"
    " FROM events ";

// " AND COLUMN IN (?N, …)", of `count` parameters from number `first`.
std::string InList(const char* column, size_t count, size_t first) {
  std::string sql = absl::StrCat(" AND ", column, " IN (");
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&sql, i == 0 ? "?" : ", ?", first + i);
  }
  return sql + ")";
}

std::string WalkSql(const EventQuery& query, size_t sources) {
  const bool by_process = !query.process_key.empty();
  std::string sql = absl::StrCat(
      kColumns, "INDEXED BY ",
      by_process ? "events_by_process" : "events_by_time",
      query.newest_first ? " WHERE (time, id) < (?1, ?2) AND time >= ?3"
                         : " WHERE (time, id) > (?1, ?2) AND time < ?3");
  if (by_process) absl::StrAppend(&sql, " AND process_key = ?4");
  if (!query.kinds.empty()) {
    absl::StrAppend(&sql, InList("kind", query.kinds.size(), 5));
  }
  if (sources > 0) {
    absl::StrAppend(&sql, InList("source", sources, 5 + query.kinds.size()));
  }
  const char* order = query.newest_first ? "DESC" : "ASC";
  absl::StrAppend(&sql, " ORDER BY time ", order, ", id ", order);
  return sql;
}

// More sources are not told apart.
constexpr size_t kMaxSources = 256;

}  // namespace

absl::StatusOr<std::unique_ptr<PartitionCursor>> PartitionCursor::Open(
    std::shared_ptr<Partition> partition, const EventQuery& query) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database, OpenForReading(partition->path(), kPartitionSchema));
  std::unique_ptr<PartitionCursor> cursor(
      new PartitionCursor(std::move(partition), std::move(database)));
  cursor->query_ = query;
  GATEWATCH_RETURN_IF_ERROR(cursor->Prepare());
  return cursor;
}

PartitionCursor::PartitionCursor(std::shared_ptr<Partition> partition,
                                 Database database)
    : partition_(std::move(partition)), database_(std::move(database)) {
  position_.partition = partition_->start_seconds();
}

absl::Status PartitionCursor::Prepare() {
  GATEWATCH_ASSIGN_OR_RETURN(surroundings_, Surroundings::Open(database_));
  if (query_.where == nullptr || !query_.process_key.empty()) {
    return PrepareWalk({});
  }
  const absl::StatusOr<bool> indexed = PrepareIndexed();
  if (!indexed.ok()) return GiveUpIndex(indexed.status());
  if (*indexed) return absl::OkStatus();
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<int64_t> sources,
                             SourcesFor(*query_.where));
  return PrepareWalk(sources);
}

absl::Status PartitionCursor::PrepareWalk(const std::vector<int64_t>& sources) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement events, database_.Prepare(WalkSql(query_, sources.size())));
  const Start start = StartOf(query_, partition_->start_seconds());
  events.BindAt(1, start.time);
  events.BindAt(2, start.row);
  events.BindAt(3, query_.newest_first ? query_.since_ns : Until(query_));
  if (!query_.process_key.empty()) events.BindAt(4, query_.process_key);
  int parameter = 4;
  for (const std::string& kind : query_.kinds) events.BindAt(++parameter, kind);
  for (const int64_t source : sources) events.BindAt(++parameter, source);
  events_ = std::make_unique<Statement>(std::move(events));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> PartitionCursor::SourcesFor(
    const detection::CompiledCondition& where) {
  GATEWATCH_ASSIGN_OR_RETURN(Statement ids,
                             database_.Prepare("SELECT id FROM sources"));
  const v1::Event event;
  std::vector<int64_t> sources;
  size_t left_out = 0;
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, ids.Step());
    if (!row) break;
    GATEWATCH_ASSIGN_OR_RETURN(detection::EventView part,
                               surroundings_->OfOrigin(ids.Integer(0), ""));
    part.event = &event;
    if (MayHold(where, detection::KnownPart::kSource, part)) {
      sources.push_back(ids.Integer(0));
    } else {
      ++left_out;
    }
  }
  // A list of none would be no list.
  if (sources.empty() && left_out > 0) sources.push_back(kBeforeRows);
  if (left_out == 0 || sources.size() > kMaxSources) sources.clear();
  return sources;
}

absl::StatusOr<bool> PartitionCursor::PrepareIndexed() {
  if (!partition_->indexed()) return false;
  GATEWATCH_ASSIGN_OR_RETURN(std::unique_ptr<PartitionIndex> index,
                             PartitionIndex::Open(*partition_));
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::optional<PartitionIndex::Terms> terms,
      index->TermsFor(*query_.where, query_.kinds, *surroundings_));
  if (!terms) return false;
  const Start start = StartOf(query_, partition_->start_seconds());
  GATEWATCH_ASSIGN_OR_RETURN(
      rows_, IndexedRows::Open(std::move(index), *terms,
                               {.newest_first = query_.newest_first,
                                .start = {start.time, start.row},
                                .end = query_.newest_first ? query_.since_ns
                                                           : Until(query_)}));
  GATEWATCH_ASSIGN_OR_RETURN(Statement event, database_.Prepare(absl::StrCat(
                                                  kColumns, "WHERE id = ?")));
  events_ = std::make_unique<Statement>(std::move(event));
  return true;
}

absl::Status PartitionCursor::GiveUpIndex(const absl::Status& why) {
  // It is made again; the evidence is in the partition.
  LogWarning(partition_->index_path(), " is of no use: ", why.message());
  partition_->SetIndexed(false);
  rows_.reset();
  if (position_.row != 0) query_.after = position_;
  return PrepareWalk({});
}

absl::StatusOr<bool> PartitionCursor::StepIndexed() {
  while (true) {
    const absl::StatusOr<std::optional<IndexedRows::Row>> next = rows_->Next();
    if (!next.ok()) {
      GATEWATCH_RETURN_IF_ERROR(GiveUpIndex(next.status()));
      return events_->Step();
    }
    if (!next->has_value()) return false;
    GATEWATCH_ASSIGN_OR_RETURN(const bool row,
                               events_->Bind((*next)->event).Step());
    if (!row) return absl::DataLossError("an event that was stored is missing");
    const auto& kinds = query_.kinds;
    if (kinds.empty() || std::find(kinds.begin(), kinds.end(),
                                   events_->Bytes(3)) != kinds.end()) {
      return true;
    }
  }
}

absl::StatusOr<bool> PartitionCursor::Next() {
  GATEWATCH_ASSIGN_OR_RETURN(
      const bool row, rows_ != nullptr ? StepIndexed() : events_->Step());
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
