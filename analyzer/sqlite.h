#ifndef GATEWATCH_ANALYZER_SQLITE_H_
#define GATEWATCH_ANALYZER_SQLITE_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/row_checksum.h"

namespace gatewatch::analyzer {

// Bytes to be stored as they are, as opposed to text.
struct Blob {
  explicit Blob(absl::string_view bytes) : bytes(bytes) {}
  absl::string_view bytes;
};

// A prepared statement. Must not outlive its Database.
//
// Threads: one at a time, and not while another uses the Database.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Begins anew with one value for each parameter, in order. Values are
  // copied. What cannot be bound is reported by the next Step().
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    Rewind();
    int position = 0;
    (BindAt(++position, values), ...);
    return *this;
  }
  // The same, and their checksum as the last parameter.
  template <typename... Values>
  Statement& BindChecked(const Values&... values) {
    Bind(values...);
    RowChecksum checksum;
    (AddValue(checksum, values), ...);
    BindAt(sizeof...(values) + 1, checksum.value());
    return *this;
  }
  void BindAt(int position, int64_t value);
  // What does not fit SQLite's signed integers becomes the largest of them.
  void BindAt(int position, uint64_t value);
  void BindAt(int position, absl::string_view text);
  void BindAt(int position, Blob blob);

  // True: there is a row, whose columns are valid until the next call.
  absl::StatusOr<bool> Step();
  // Steps to the end, ignoring rows.
  absl::Status Run();
  // Lets go of locks and of the bound values.
  void Rewind();

  // Columns count from 0.
  int64_t Integer(int column) const;
  uint64_t Unsigned(int column) const;
  absl::string_view Bytes(int column) const;
  // Begins `other` anew with the first `columns` columns as its parameters.
  void CopyTo(Statement& other, int columns) const;
  void AddTo(RowChecksum& checksum, int columns) const;  // the first ones
  // DATA_LOSS: the column numbered `columns` does not hold the checksum of
  // those before it.
  absl::Status Verify(int columns) const;

 private:
  static void AddValue(RowChecksum& checksum, int64_t value) {
    checksum.Add(value);
  }
  static void AddValue(RowChecksum& checksum, uint64_t value);
  static void AddValue(RowChecksum& checksum, absl::string_view text) {
    checksum.Add(text);
  }
  static void AddValue(RowChecksum& checksum, Blob blob) {
    checksum.Add(blob.bytes);
  }
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = SQLITE_OK;
};

// A connection to an SQLite database file in WAL mode.
//
// Durable:  a committed transaction survives a crash of this program and of
//           the machine (synchronous = FULL). With Durability::kProcess it
//           survives a crash of this program alone, and costs no sync.
// Threads:  one at a time; several connections to one file are independent,
//           and readers never wait for the writer.
// Errors:   DATA_LOSS: the file is damaged or no database (also where a
//           statement does not fit its schema, since the statements are ours);
//           RESOURCE_EXHAUSTED: no space; UNAVAILABLE: another connection is
//           writing; FAILED_PRECONDITION: it cannot be opened.
class Database {
 public:
  // kEvidence is for files that are known to be damaged: reads what can be
  // read, and leaves the file and its log as they are.
  enum class Access { kCreate, kRead, kEvidence };
  enum class Durability { kMachine, kProcess };

  static absl::StatusOr<Database> Open(
      const std::string& path, Access access,
      Durability durability = Durability::kMachine);

  // Runs statements without values; ignores rows.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<Statement> Prepare(const std::string& sql);

  // The number that the format's version is kept in; 0 in a new file.
  absl::StatusOr<int64_t> UserVersion();
  // How many rows the last INSERT, UPDATE or DELETE changed.
  int64_t changes() const { return sqlite3_changes64(database_.get()); }
  int64_t last_row() const {
    return sqlite3_last_insert_rowid(database_.get());
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

// A transaction that is rolled back unless it is committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction();
  absl::Status Begin();
  absl::Status Commit();

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_SQLITE_H_
