#include "analyzer/sqlite.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr int kBusyMilliseconds = 5000;

absl::StatusCode CodeOf(int error) {
  switch (error & 0xff) {  // the primary code of an extended one
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
      return absl::StatusCode::kDataLoss;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status SqliteStatus(int error, sqlite3* database) {
  const char* name = database ? sqlite3_db_filename(database, nullptr) : "";
  const char* what =
      database ? sqlite3_errmsg(database) : sqlite3_errstr(error);
  return absl::Status(CodeOf(error),
                      absl::StrCat(name ? name : "", ": ", what));
}

int64_t Stored(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, INT64_MAX));
}

}  // namespace

void Statement::Rewind() {
  // Its result repeats the error that the last Step() has reported.
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  bind_error_ = SQLITE_OK;
}

void Statement::BindAt(int position, int64_t value) {
  const int error = sqlite3_bind_int64(statement_.get(), position, value);
  if (error != SQLITE_OK) bind_error_ = error;
}

void Statement::BindAt(int position, uint64_t value) {
  BindAt(position, Stored(value));
}

void Statement::AddValue(RowChecksum& checksum, uint64_t value) {
  checksum.Add(Stored(value));
}

void Statement::BindAt(int position, absl::string_view text) {
  // A null pointer would be stored as NULL rather than as an empty text.
  const char* data = text.empty() ? "" : text.data();
  const int error =
      sqlite3_bind_text64(statement_.get(), position, data, text.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  if (error != SQLITE_OK) bind_error_ = error;
}

void Statement::BindAt(int position, Blob blob) {
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  const int error = sqlite3_bind_blob64(statement_.get(), position, data,
                                        blob.bytes.size(), SQLITE_TRANSIENT);
  if (error != SQLITE_OK) bind_error_ = error;
}

absl::StatusOr<bool> Statement::Step() {
  sqlite3* const database = sqlite3_db_handle(statement_.get());
  if (bind_error_ != SQLITE_OK) return SqliteStatus(bind_error_, database);
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  absl::Status status = SqliteStatus(result, database);
  Rewind();
  return status;
}

absl::Status Statement::Run() {
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) break;
  }
  Rewind();
  return absl::OkStatus();
}

int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

uint64_t Statement::Unsigned(int column) const {
  return static_cast<uint64_t>(Integer(column));
}

absl::string_view Statement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

void Statement::CopyTo(Statement& other, int columns) const {
  other.Rewind();
  for (int i = 0; i < columns; ++i) {
    const int error =
        sqlite3_bind_value(other.statement_.get(), i + 1,
                           sqlite3_column_value(statement_.get(), i));
    if (error != SQLITE_OK) other.bind_error_ = error;
  }
}

void Statement::AddTo(RowChecksum& checksum, int columns) const {
  for (int i = 0; i < columns; ++i) {
    if (sqlite3_column_type(statement_.get(), i) == SQLITE_INTEGER) {
      checksum.Add(Integer(i));
    } else {
      checksum.Add(Bytes(i));
    }
  }
}

absl::Status Statement::Verify(int columns) const {
  RowChecksum checksum;
  AddTo(checksum, columns);
  if (checksum.value() == Integer(columns)) return absl::OkStatus();
  return absl::DataLossError("a stored row is not what was written");
}

absl::StatusOr<Database> Database::Open(const std::string& path, Access access,
                                        Durability durability) {
  // Readers write too: they take part in the shared index of the WAL.
  const int create = access == Access::kCreate ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const int error = sqlite3_open_v2(
      path.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | create, nullptr);
  Database database(handle);
  if (error != SQLITE_OK) return SqliteStatus(error, handle);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  // A damaged or forged file must not make SQLite read beyond a page or run
  // code from its schema.
  GATEWATCH_RETURN_IF_ERROR(database.Execute(
      "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"));
  if (access == Access::kEvidence) {
    // As it is, also when it is shorter than it says (which takes a writable
    // schema) and when its log still holds what the file lacks.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    GATEWATCH_RETURN_IF_ERROR(database.Execute("PRAGMA writable_schema = ON;"));
  }
  if (access != Access::kCreate) {
    GATEWATCH_RETURN_IF_ERROR(database.Execute("PRAGMA query_only = ON;"));
    return database;
  }
  GATEWATCH_RETURN_IF_ERROR(database.Execute(absl::StrCat(
      "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000;"
      "PRAGMA cache_size = -16000; PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = ",
      durability == Durability::kMachine ? "FULL;" : "NORMAL;")));
  return database;
}

absl::Status Database::Execute(const std::string& sql) {
  const int error =
      sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (error == SQLITE_OK) return absl::OkStatus();
  return SqliteStatus(error, database_.get());
}

absl::StatusOr<Statement> Database::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int error = sqlite3_prepare_v3(
      database_.get(), sql.data(), static_cast<int>(sql.size()),
      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (error != SQLITE_OK) return SqliteStatus(error, database_.get());
  return Statement(statement);
}

absl::StatusOr<int64_t> Database::UserVersion() {
  GATEWATCH_ASSIGN_OR_RETURN(Statement statement,
                             Prepare("PRAGMA user_version"));
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

Transaction::~Transaction() {
  // A failure here was reported by the statement that caused it.
  if (open_) database_.Execute("ROLLBACK").IgnoreError();
}

absl::Status Transaction::Begin() {
  GATEWATCH_RETURN_IF_ERROR(database_.Execute("BEGIN IMMEDIATE"));
  open_ = true;
  return absl::OkStatus();
}

absl::Status Transaction::Commit() {
  GATEWATCH_RETURN_IF_ERROR(database_.Execute("COMMIT"));
  open_ = false;
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
