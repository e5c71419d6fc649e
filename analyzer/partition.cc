#include "analyzer/partition.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr char kPrefix[] = "events-";
constexpr char kSuffix[] = ".db";
constexpr char kIndexSuffix[] = ".index";
constexpr char kTimeFormat[] = "%Y-%m-%dT%H-%M-%S";

}  // namespace

const Schema kPartitionSchema = {.version = 2, .sql = R"sql(
  -- Who reported: one life of one agent.
  CREATE TABLE sources(
    id INTEGER PRIMARY KEY,
    agent_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    workload BLOB NOT NULL,
    checksum INTEGER NOT NULL,  -- of the columns before it; see RowChecksum
    UNIQUE (agent_id, epoch));

  CREATE TABLE processes(
    source INTEGER NOT NULL REFERENCES sources,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    parent_key TEXT NOT NULL,  -- '': none
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (key, revision, source));
  CREATE INDEX processes_by_parent ON processes(parent_key);

  CREATE TABLE containers(
    source INTEGER NOT NULL REFERENCES sources,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (source, id));

  -- What is said twice is stored once.
  CREATE TABLE events(
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    process_key TEXT NOT NULL,  -- '': about the agent
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (source, sequence));
  CREATE INDEX events_by_time ON events(time);
  CREATE INDEX events_by_process ON events(process_key, time);
)sql"};

const CheckedTable kPartitionTables[4] = {
    {"sources", "agent_id, epoch, workload", 3},
    {"processes", "source, key, revision, parent_key, body", 5},
    {"containers", "source, id, body", 3},
    {"events", "source, sequence, time, kind, process_key, body", 6},
};

Partition::Partition(absl::string_view directory, uint64_t start_seconds)
    : Partition(AtPath{},
                absl::StrCat(directory, "/", FileNameOf(start_seconds)),
                start_seconds) {}

Partition::Partition(AtPath, std::string path, uint64_t start_seconds)
    : start_seconds_(start_seconds), path_(std::move(path)) {}

Partition::~Partition() {
  switch (fate_) {
    case Fate::kKeep:
      return;
    case Fate::kRemove:
      RemoveDatabase(index_path());
      RemoveDatabase(path_);
      return;
    case Fate::kSetAside:
      RemoveDatabase(index_path());
      SetAside(path_, why_damaged_);
      return;
  }
}

std::string Partition::FileNameOf(uint64_t start_seconds) {
  const absl::Time start =
      absl::FromUnixSeconds(static_cast<int64_t>(start_seconds));
  return absl::StrCat(kPrefix,
                      absl::FormatTime(kTimeFormat, start, absl::UTCTimeZone()),
                      kSuffix);
}

std::string Partition::IndexPathOf(absl::string_view path) {
  return absl::StrCat(absl::StripSuffix(path, kSuffix), kIndexSuffix);
}

uint64_t Partition::bytes() const {
  return DatabaseBytes(path_) + DatabaseBytes(index_path());
}

std::optional<uint64_t> Partition::StartOf(const std::string& file_name) {
  absl::string_view text = file_name;
  if (!absl::ConsumePrefix(&text, kPrefix) ||
      !absl::ConsumeSuffix(&text, kSuffix)) {
    return std::nullopt;
  }
  absl::Time start;
  if (!absl::ParseTime(kTimeFormat, text, &start, nullptr)) return std::nullopt;
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(start));
  // Of the many ways to write a time only ours names a file of ours.
  if (FileNameOf(seconds) != file_name) return std::nullopt;
  return seconds;
}

void Partition::Widen(uint64_t first_time, uint64_t last_time) {
  first_time_ = std::min<uint64_t>(first_time_, first_time);
  last_time_ = std::max<uint64_t>(last_time_, last_time);
}

absl::Status Partition::ReadExtent() {
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             OpenForReading(path_, kPartitionSchema));
  // Apart, because SQLite answers each from the index alone.
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement times,
      database.Prepare("SELECT (SELECT MIN(time) FROM events),"
                       "       (SELECT MAX(time) FROM events),"
                       "       (SELECT IFNULL(MAX(id), 0) FROM events)"));
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, times.Step());
  if (!row || times.Integer(2) <= 0) return absl::OkStatus();
  Widen(times.Unsigned(0), times.Unsigned(1));
  // Rows are numbered as they come, and none is ever deleted.
  events_ = times.Unsigned(2);
  return absl::OkStatus();
}

void Partition::Remove() {
  Fate expected = Fate::kKeep;
  fate_.compare_exchange_strong(expected, Fate::kRemove);
}

void Partition::SetAsDamaged(const absl::Status& why) {
  Fate expected = Fate::kKeep;
  // Only the caller that decided writes the reason; the destructor reads it
  // after every holder has let go.
  if (fate_.compare_exchange_strong(expected, Fate::kSetAside)) {
    why_damaged_ = why;
  }
}

}  // namespace gatewatch::analyzer
