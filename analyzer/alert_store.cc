#include "analyzer/alert_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "analyzer/recovery.h"
#include "analyzer/store_file.h"
#include "base/base32.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

const Schema kSchema = {.version = 3,
                        .sql = R"sql(
  CREATE TABLE alerts(
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    fold_key TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity INTEGER NOT NULL,
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL,  -- of what does not change; see RowChecksum
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    count INTEGER NOT NULL,
    -- When the last of its events did, by this machine's clock; 0: not known.
    arrived INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX alerts_by_time ON alerts(first_time);
  CREATE INDEX alerts_by_fold_key ON alerts(fold_key, last_time);
  CREATE INDEX alerts_by_arrival ON alerts(arrived);

  CREATE TABLE alert_processes(
    process_key TEXT NOT NULL,
    alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
    checksum INTEGER NOT NULL,
    UNIQUE (process_key, alert));
  CREATE INDEX alert_processes_by_alert ON alert_processes(alert);

  -- Up to where each agent's events have been counted.
  CREATE TABLE raised(
    agent_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (agent_id, epoch));
)sql",
                        .from_previous = R"sql(
  ALTER TABLE alerts ADD COLUMN arrived INTEGER NOT NULL DEFAULT 0;
  DROP INDEX alerts_by_last_time;
  CREATE INDEX alerts_by_arrival ON alerts(arrived);
)sql"};

constexpr CheckedTable kTables[] = {
    {"alerts", "id, fold_key, rule, severity, body", 5,
     ", first_time, last_time, count", 3},
    {"alert_processes", "process_key, alert", 2},
    {"raised", "agent_id, epoch, sequence", 3},
};

constexpr char kFileName[] = "alerts.db";

constexpr char kColumns[] =
    "SELECT id, fold_key, rule, severity, body, checksum, row, first_time,"
    " last_time, count FROM alerts ";

absl::StatusOr<v1::Alert> ReadAlert(const Statement& row) {
  GATEWATCH_RETURN_IF_ERROR(row.Verify(5));
  v1::Alert alert;
  const absl::string_view body = row.Bytes(4);
  if (!alert.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return absl::DataLossError("a stored alert cannot be read");
  }
  alert.set_id(std::string(row.Bytes(0)));
  alert.set_first_time_ns(row.Unsigned(7));
  alert.set_last_time_ns(row.Unsigned(8));
  alert.set_count(row.Unsigned(9));
  return alert;
}

uint64_t Nanos(absl::Duration duration) {
  return static_cast<uint64_t>(
      std::max<int64_t>(absl::ToInt64Nanoseconds(duration), 0));
}

uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// What was saved, in a line; empty: there was nothing to recover.
absl::StatusOr<std::string> RecoverAlerts(const std::string& directory,
                                          const std::string& path) {
  std::string said;
  const auto is_ours = [](const std::string& name) {
    return name == kFileName;
  };
  const auto target = [&](const std::string&) { return path; };
  const auto finish = [&](const std::string& name, const std::string&,
                          const Salvaged& salvaged) {
    said = absl::StrCat(
        name, ": ", salvaged.rows[0], " alerts saved; ", salvaged.false_rows,
        " rows were not what was written",
        salvaged.holes ? "; places could not be read, and how many alerts they"
                         " held is not known"
                       : "");
    return absl::StatusOr<std::string>(said);
  };
  const auto recovered = RecoverDatabases({.directory = directory,
                                           .schema = kSchema,
                                           .tables = kTables,
                                           .is_ours = is_ours,
                                           .target = target,
                                           .finish = finish});
  GATEWATCH_RETURN_IF_ERROR(recovered.status());
  return said;
}

// Sets the file aside when it is damaged.
absl::Status CheckAlerts(const std::string& path, CheckDepth depth) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return absl::OkStatus();
  absl::Status status = UpgradeFile(path, kSchema);
  if (status.ok()) status = CheckDatabase(path, kSchema, kTables, depth);
  if (!absl::IsDataLoss(status)) return status;
  SetAside(path, status);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<AlertStore>> AlertStore::Open(
    const std::string& directory, AlertStoreOptions options) {
  std::string path = absl::StrCat(directory, "/", kFileName);
  GATEWATCH_RETURN_IF_ERROR(CheckAlerts(path, options.check));
  std::string said;
  std::error_code error;
  // Where there is one, what was set aside has been dealt with.
  if (!std::filesystem::exists(path, error)) {
    const auto recovered = RecoverAlerts(directory, path);
    said =
        recovered.ok() ? *recovered : std::string(recovered.status().message());
    if (!recovered.ok()) LogError("alerts cannot be recovered: ", said);
  }
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database,
      OpenForWriting(path, kSchema, Database::Durability::kMachine));
  std::unique_ptr<AlertStore> store(
      new AlertStore(std::move(path), std::move(options), std::move(database)));
  store->recovered_ = std::move(said);
  GATEWATCH_RETURN_IF_ERROR(store->DateTheUndated());
  return store;
}

AlertStore::AlertStore(std::string path, AlertStoreOptions options,
                       Database database)
    : path_(std::move(path)),
      options_(std::move(options)),
      fold_window_ns_(Nanos(options_.fold_window)),
      fold_limit_ns_(Nanos(options_.fold_limit)),
      database_(std::move(database)) {}

// What an earlier version wrote, or was saved of a damaged file.
absl::Status AlertStore::DateTheUndated() {
  absl::MutexLock lock(&mutex_);
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement date,
      database_.Prepare("UPDATE alerts SET arrived = ? WHERE arrived = 0"));
  return date.Bind(options_.now()).Run();
}

absl::StatusOr<uint64_t> AlertStore::RaisedUpTo(absl::string_view agent_id,
                                                uint64_t epoch) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement find,
      database_.Prepare(
          "SELECT sequence FROM raised WHERE agent_id = ? AND epoch = ?"));
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, find.Bind(agent_id, epoch).Step());
  return row ? find.Unsigned(0) : uint64_t{0};
}

absl::StatusOr<int64_t> AlertStore::Fold(const Candidate& candidate) {
  const v1::Alert& alert = candidate.alert;
  const uint64_t first = alert.first_time_ns();
  const uint64_t last = alert.last_time_ns();
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement fold,
      database_.Prepare(
          "UPDATE alerts SET count = count + ?4, arrived = ?8,"
          " first_time = MIN(first_time, ?5), last_time = MAX(last_time, ?6)"
          " WHERE row = (SELECT row FROM alerts WHERE fold_key = ?1"
          "              AND last_time >= ?2 AND first_time <= ?3"
          "              AND MAX(last_time, ?6) - MIN(first_time, ?5) <= ?7"
          "              ORDER BY last_time DESC LIMIT 1) RETURNING row"));
  // Events of one agent may arrive out of order, so the window opens both
  // ways.
  GATEWATCH_ASSIGN_OR_RETURN(
      const bool row,
      fold.Bind(candidate.fold_key, first - std::min(first, fold_window_ns_),
                SaturatingAdd(last, fold_window_ns_), alert.count(), first,
                last, fold_limit_ns_, options_.now())
          .Step());
  if (!row) return 0;
  const int64_t folded = fold.Integer(0);
  GATEWATCH_RETURN_IF_ERROR(fold.Run());
  return folded;
}

absl::StatusOr<int64_t> AlertStore::Make(const std::string& fold_key,
                                         const v1::Alert& alert) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement make,
      database_.Prepare("INSERT INTO alerts(id, fold_key, rule, severity,"
                        " body, checksum, first_time, last_time, count,"
                        " arrived) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  make.BindChecked(alert.id(), fold_key, alert.rule(),
                   int64_t{alert.severity()}, Blob(alert.SerializeAsString()));
  make.BindAt(7, alert.first_time_ns());
  make.BindAt(8, alert.last_time_ns());
  make.BindAt(9, alert.count());
  make.BindAt(10, options_.now());
  GATEWATCH_RETURN_IF_ERROR(make.Run());
  return database_.last_row();
}

absl::Status AlertStore::Count(const Candidate& candidate,
                               std::vector<v1::Alert>& made) {
  GATEWATCH_ASSIGN_OR_RETURN(int64_t row, Fold(candidate));
  if (row == 0) {
    v1::Alert alert = candidate.alert;
    // Unforeseeable, so that no peer can make two alerts share an id.
    alert.set_id(Base32(absl::Uniform<uint64_t>(absl::BitGen())));
    GATEWATCH_ASSIGN_OR_RETURN(row, Make(candidate.fold_key, alert));
    made.push_back(std::move(alert));
  }
  const std::string& key = candidate.alert.event().process().key();
  if (key.empty()) return absl::OkStatus();
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement link,
      database_.Prepare("INSERT INTO alert_processes(process_key, alert,"
                        "  checksum)"
                        " VALUES(?, ?, ?) ON CONFLICT DO NOTHING"));
  return link.BindChecked(key, row).Run();
}

absl::StatusOr<std::vector<v1::Alert>> AlertStore::Raise(
    absl::string_view agent_id, uint64_t epoch, uint64_t last_sequence,
    const std::vector<Candidate>& candidates) {
  std::vector<v1::Alert> made;
  absl::MutexLock lock(&mutex_);
  Transaction transaction(database_);
  GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
  GATEWATCH_ASSIGN_OR_RETURN(const uint64_t up_to, RaisedUpTo(agent_id, epoch));
  for (const Candidate& candidate : candidates) {
    const uint64_t sequence = candidate.alert.event().event().sequence();
    if (sequence != 0 && sequence <= up_to) continue;
    GATEWATCH_RETURN_IF_ERROR(Count(candidate, made));
  }
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement remember,
      database_.Prepare("INSERT INTO raised VALUES(?, ?, ?, ?) ON CONFLICT"
                        " DO UPDATE SET sequence = excluded.sequence,"
                        "  checksum = excluded.checksum"
                        " WHERE excluded.sequence > sequence"));
  GATEWATCH_RETURN_IF_ERROR(
      remember.BindChecked(agent_id, epoch, last_sequence).Run());
  GATEWATCH_RETURN_IF_ERROR(transaction.Commit());
  return made;
}

absl::StatusOr<v1::Alert> AlertStore::Find(const std::string& id) const {
  GATEWATCH_ASSIGN_OR_RETURN(Database database, OpenForReading(path_, kSchema));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement find, database.Prepare(absl::StrCat(kColumns, "WHERE id = ?")));
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, find.Bind(id).Step());
  if (row) return ReadAlert(find);
  return absl::NotFoundError(absl::StrCat("no alert ", id));
}

absl::StatusOr<AlertStore::IdsByProcess> AlertStore::IdsOf(
    const std::vector<std::string>& process_keys) const {
  GATEWATCH_ASSIGN_OR_RETURN(Database database, OpenForReading(path_, kSchema));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT id FROM alert_processes"
                       " JOIN alerts ON alerts.row = alert"
                       " WHERE process_key = ? ORDER BY alert LIMIT ?"));
  IdsByProcess ids;
  for (const std::string& key : process_keys) {
    find.Bind(key, kMaxIds);
    while (true) {
      GATEWATCH_ASSIGN_OR_RETURN(const bool row, find.Step());
      if (!row) break;
      ids[key].emplace_back(find.Bytes(0));
    }
  }
  return ids;
}

absl::StatusOr<bool> AlertStore::Visit(const AlertQuery& query,
                                       Visitor visit) const {
  GATEWATCH_ASSIGN_OR_RETURN(Database database, OpenForReading(path_, kSchema));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement list,
      database.Prepare(absl::StrCat(
          kColumns,
          "WHERE (first_time, row) > (?1, ?2) AND first_time < ?3"
          " AND last_time >= ?4 AND (?5 = 0 OR severity BETWEEN 1 AND ?5)"
          " AND (?6 = '' OR rule = ?6) ORDER BY first_time, row")));
  const AlertPosition after = query.after.value_or(AlertPosition{0, -1});
  list.Bind(after.first_time_ns, after.row,
            query.until_ns == 0 ? UINT64_MAX : query.until_ns, query.since_ns,
            int64_t{query.at_least}, query.rule);
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row) return true;
    GATEWATCH_ASSIGN_OR_RETURN(v1::Alert alert, ReadAlert(list));
    const AlertPosition position{alert.first_time_ns(), list.Integer(6)};
    if (!visit(position, std::move(alert))) return false;
  }
}

absl::Status AlertStore::Trim() {
  absl::MutexLock lock(&mutex_);
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement beyond,
      database_.Prepare("DELETE FROM alerts WHERE row <="
                        " (SELECT MAX(row) FROM alerts) - ?"));
  GATEWATCH_RETURN_IF_ERROR(beyond.Bind(options_.max_alerts).Run());
  int64_t deleted = database_.changes();
  const uint64_t retention = Nanos(options_.retention);
  const uint64_t now = options_.now();
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement old, database_.Prepare("DELETE FROM alerts WHERE arrived < ?"));
  GATEWATCH_RETURN_IF_ERROR(old.Bind(now - std::min(now, retention)).Run());
  deleted += database_.changes();
  if (deleted > 0) {
    LogInfo("deleted ", deleted, " alerts, older than the retention or beyond ",
            options_.max_alerts);
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
