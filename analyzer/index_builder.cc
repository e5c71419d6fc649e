#include "analyzer/index_builder.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/partition_cursor.h"
#include "analyzer/row_checksum.h"
#include "analyzer/sqlite.h"
#include "base/status.h"
#include "detection/field.h"
#include "proto/event_kind.h"

namespace gatewatch::analyzer {

const Schema kIndexSchema = {.version = 1, .sql = R"sql(
  -- Where events come from. Terms have one numbering, here and in texts.
  CREATE TABLE origins(
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    container TEXT NOT NULL,  -- '': none
    call TEXT NOT NULL,
    kind TEXT NOT NULL,
    events INTEGER NOT NULL);

  CREATE TABLE texts(
    id INTEGER PRIMARY KEY,
    field TEXT NOT NULL,
    value BLOB NOT NULL,
    events INTEGER NOT NULL);
  CREATE INDEX texts_by_value ON texts(field, value);
  -- Of whose every text there are all events.
  CREATE TABLE kept_fields(field TEXT NOT NULL);

  CREATE TABLE postings(
    term INTEGER NOT NULL,
    time INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (term, time, event)) WITHOUT ROWID;

  -- Of how many events this is the whole index, and the checksum of all rows
  -- above. Written last.
  CREATE TABLE complete(events INTEGER NOT NULL, checksum INTEGER NOT NULL);
)sql"};

namespace {

constexpr size_t kMaxTexts = 200'000;
// Sorted and written at once.
constexpr size_t kPostingsAtOnce = 200'000;

struct Term {
  int64_t id = 0;
  uint64_t events = 0;
};

// The terms of one field, and whether all of them could be kept.
struct FieldTerms {
  detection::Field field;
  std::string name;
  bool kept = true;
  absl::flat_hash_map<std::string, Term> texts;
};

// Everything that leads to events, so that damage cannot hide one.
absl::StatusOr<int64_t> ChecksumOf(Database& database) {
  constexpr std::pair<const char*, int> kTables[] = {
      {"SELECT * FROM origins ORDER BY id", 6},
      {"SELECT * FROM texts ORDER BY id", 4},
      {"SELECT * FROM kept_fields ORDER BY rowid", 1},
      {"SELECT * FROM postings ORDER BY term, time, event", 3},
  };
  RowChecksum checksum;
  for (const auto& [sql, columns] : kTables) {
    GATEWATCH_ASSIGN_OR_RETURN(Statement rows, database.Prepare(sql));
    while (true) {
      GATEWATCH_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      rows.AddTo(checksum, columns);
    }
  }
  return checksum.value();
}

class Builder {
 public:
  explicit Builder(Database database) : database_(std::move(database)) {}

  absl::Status Add(PartitionCursor& cursor);
  absl::Status WritePostings();
  absl::Status Finish(uint64_t events);
  absl::Status Begin();
  bool full() const { return postings_.size() >= kPostingsAtOnce; }

 private:
  using Origin = std::tuple<int64_t, std::string, std::string, std::string>;
  using Posting = std::tuple<int64_t, uint64_t, int64_t>;

  void AddTo(Term& term, const EventPosition& position);
  absl::Status WriteTerms();

  Database database_;
  absl::flat_hash_map<Origin, Term> origins_;
  std::vector<FieldTerms> fields_;
  int64_t last_term_ = 0;
  std::vector<Posting> postings_;
};

absl::Status Builder::Begin() {
  for (const char* name : kIndexedFields) {
    GATEWATCH_ASSIGN_OR_RETURN(detection::Field field,
                               detection::Field::Find(name));
    fields_.push_back({.field = field, .name = name, .texts = {}});
  }
  return absl::OkStatus();
}

void Builder::AddTo(Term& term, const EventPosition& position) {
  if (term.id == 0) term.id = ++last_term_;
  ++term.events;
  postings_.emplace_back(term.id, position.time_ns, position.row);
}

absl::Status Builder::Add(PartitionCursor& cursor) {
  GATEWATCH_ASSIGN_OR_RETURN(const detection::EventView view, cursor.View());
  const EventPosition& position = cursor.position();
  AddTo(origins_[Origin(cursor.source(),
                        view.container ? view.container->id() : "",
                        view.event->syscall(), EventKind(*view.event))],
        position);
  for (FieldTerms& field : fields_) {
    if (!field.kept) continue;
    for (const detection::Value& value : field.field.Extract(view)) {
      AddTo(field.texts[value.text], position);
    }
    if (field.texts.size() <= kMaxTexts) continue;
    field.kept = false;
    field.texts.clear();
  }
  return absl::OkStatus();
}

absl::Status Builder::WritePostings() {
  std::sort(postings_.begin(), postings_.end());
  Transaction transaction(database_);
  GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement insert, database_.Prepare("INSERT INTO postings VALUES(?, ?, ?)"
                                          " ON CONFLICT DO NOTHING"));
  for (const auto& [term, time, event] : postings_) {
    GATEWATCH_RETURN_IF_ERROR(insert.Bind(term, time, event).Run());
  }
  GATEWATCH_RETURN_IF_ERROR(transaction.Commit());
  postings_.clear();
  return absl::OkStatus();
}

absl::Status Builder::WriteTerms() {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement origin,
      database_.Prepare("INSERT INTO origins VALUES(?, ?, ?, ?, ?, ?)"));
  for (const auto& [from, term] : origins_) {
    const auto& [source, container, call, kind] = from;
    GATEWATCH_RETURN_IF_ERROR(
        origin.Bind(term.id, source, container, call, kind, term.events).Run());
  }
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement text,
      database_.Prepare("INSERT INTO texts VALUES(?, ?, ?, ?)"));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement kept, database_.Prepare("INSERT INTO kept_fields VALUES(?)"));
  for (const FieldTerms& field : fields_) {
    if (field.kept) GATEWATCH_RETURN_IF_ERROR(kept.Bind(field.name).Run());
    for (const auto& [value, term] : field.texts) {
      GATEWATCH_RETURN_IF_ERROR(
          text.Bind(term.id, field.name, Blob(value), term.events).Run());
    }
  }
  return absl::OkStatus();
}

absl::Status Builder::Finish(uint64_t events) {
  GATEWATCH_RETURN_IF_ERROR(WritePostings());
  Transaction transaction(database_);
  GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
  GATEWATCH_RETURN_IF_ERROR(WriteTerms());
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement complete,
      database_.Prepare("INSERT INTO complete VALUES(?, ?)"));
  GATEWATCH_ASSIGN_OR_RETURN(const int64_t checksum, ChecksumOf(database_));
  GATEWATCH_RETURN_IF_ERROR(complete.Bind(events, checksum).Run());
  return transaction.Commit();
}

}  // namespace

absl::Status CheckIndex(const Partition& partition) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database, OpenForReading(partition.index_path(), kIndexSchema));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement complete,
      database.Prepare("SELECT events, checksum FROM complete"));
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, complete.Step());
  GATEWATCH_ASSIGN_OR_RETURN(const int64_t checksum, ChecksumOf(database));
  const bool whole = row && complete.Unsigned(0) == partition.events() &&
                     complete.Integer(1) == checksum;
  if (whole) return absl::OkStatus();
  return absl::DataLossError("not the whole index of its partition");
}

absl::Status BuildIndex(const std::shared_ptr<Partition>& partition,
                        absl::FunctionRef<bool()> stop) {
  const std::string path = partition->index_path();
  RemoveDatabase(path);
  // A crash of the machine may cost the index, which is then made again.
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database,
      OpenForWriting(path, kIndexSchema, Database::Durability::kProcess));
  Builder builder(std::move(database));
  GATEWATCH_RETURN_IF_ERROR(builder.Begin());
  GATEWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<PartitionCursor> cursor,
                             PartitionCursor::Open(partition, EventQuery{}));
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool more, cursor->Next());
    if (!more) return builder.Finish(partition->events());
    GATEWATCH_RETURN_IF_ERROR(builder.Add(*cursor));
    if (!builder.full()) continue;
    GATEWATCH_RETURN_IF_ERROR(builder.WritePostings());
    if (stop()) return absl::CancelledError("asked to stop");
  }
}

}  // namespace gatewatch::analyzer
