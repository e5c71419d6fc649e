#include "analyzer/partition_writer.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "proto/event_kind.h"

namespace gatewatch::analyzer {
namespace {

// Indexes of statements_, in the order of kSql.
enum Sql : size_t {
  kAddSource,
  kFindSource,
  kAddProcess,
  kAddContainer,
  kAddEvent,
};

// A process is told again with every batch; only what has changed (its hash
// has been computed, say) costs a write.
constexpr const char* kSql[] = {
    "INSERT INTO sources(agent_id, epoch, workload, checksum)"
    " VALUES(?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING",
    "SELECT id FROM sources WHERE agent_id = ? AND epoch = ?",
    "INSERT INTO processes(source, key, revision, parent_key, body, checksum)"
    " VALUES(?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(key, revision, source) DO UPDATE"
    " SET body = excluded.body, parent_key = excluded.parent_key,"
    "  checksum = excluded.checksum"
    " WHERE body != excluded.body",
    "INSERT INTO containers(source, id, body, checksum) VALUES(?, ?, ?, ?)"
    " ON CONFLICT(source, id) DO UPDATE"
    " SET body = excluded.body, checksum = excluded.checksum"
    " WHERE body != excluded.body",
    ("INSERT INTO events(source, sequence, time, kind, process_key, body,"
     "  checksum) VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
};

uint64_t StoredTime(const v1::Event& event) {
  return std::min<uint64_t>(event.time_ns(), kEndOfTime - 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PartitionWriter>> PartitionWriter::Open(
    std::shared_ptr<Partition> partition) {
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             OpenForWriting(partition->path(), kPartitionSchema,
                                            Database::Durability::kMachine));
  std::unique_ptr<PartitionWriter> writer(
      new PartitionWriter(std::move(partition), std::move(database)));
  GATEWATCH_RETURN_IF_ERROR(writer->Prepare());
  return writer;
}

PartitionWriter::PartitionWriter(std::shared_ptr<Partition> partition,
                                 Database database)
    : partition_(std::move(partition)), database_(std::move(database)) {}

absl::Status PartitionWriter::Prepare() {
  for (const char* sql : kSql) {
    GATEWATCH_ASSIGN_OR_RETURN(Statement statement, database_.Prepare(sql));
    statements_.push_back(std::move(statement));
  }
  return absl::OkStatus();
}

absl::Status PartitionWriter::Write(const std::vector<const Report*>& reports) {
  Transaction transaction(database_);
  GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
  for (const Report* report : reports) {
    GATEWATCH_RETURN_IF_ERROR(WriteReport(*report));
  }
  GATEWATCH_RETURN_IF_ERROR(transaction.Commit());
  for (const Report* report : reports) {
    partition_->CountEvents(
        static_cast<uint64_t>(report->batch.events_size() - report->first));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> PartitionWriter::SourceOf(const Report& report) {
  GATEWATCH_RETURN_IF_ERROR(
      statements_[kAddSource]
          .BindChecked(report.agent_id, report.epoch,
                       Blob(report.workload.SerializeAsString()))
          .Run());
  Statement& find = statements_[kFindSource];
  GATEWATCH_ASSIGN_OR_RETURN(const bool row,
                             find.Bind(report.agent_id, report.epoch).Step());
  if (!row) return absl::DataLossError("a source that was added is missing");
  const int64_t source = find.Integer(0);
  find.Rewind();
  return source;
}

absl::Status PartitionWriter::WriteReport(const Report& report) {
  GATEWATCH_ASSIGN_OR_RETURN(const int64_t source, SourceOf(report));
  GATEWATCH_RETURN_IF_ERROR(WriteSurroundings(source, report.batch));
  for (int i = report.first; i < report.batch.events_size(); ++i) {
    GATEWATCH_RETURN_IF_ERROR(WriteEvent(source, report.batch.events(i)));
  }
  return absl::OkStatus();
}

absl::Status PartitionWriter::WriteSurroundings(int64_t source,
                                                const v1::Batch& batch) {
  for (const v1::Process& process : batch.processes()) {
    GATEWATCH_RETURN_IF_ERROR(
        statements_[kAddProcess]
            .BindChecked(source, process.key(), uint64_t{process.revision()},
                         process.parent().key(),
                         Blob(process.SerializeAsString()))
            .Run());
  }
  for (const v1::Container& container : batch.containers()) {
    GATEWATCH_RETURN_IF_ERROR(
        statements_[kAddContainer]
            .BindChecked(source, container.id(),
                         Blob(container.SerializeAsString()))
            .Run());
  }
  return absl::OkStatus();
}

absl::Status PartitionWriter::WriteEvent(int64_t source,
                                         const v1::Event& event) {
  const uint64_t time = StoredTime(event);
  partition_->Widen(time, time);
  return statements_[kAddEvent]
      .BindChecked(source, event.sequence(), time, EventKind(event),
                   event.process().key(), Blob(event.SerializeAsString()))
      .Run();
}

}  // namespace gatewatch::analyzer
