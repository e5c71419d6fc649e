#include "analyzer/salvage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/sqlite.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr size_t kMaxHoles = 10'000;
constexpr uint64_t kRowsPerTransaction = 10'000;

// Reads the rows of a table of a damaged file by their number, and finds the
// next that can be read behind those that cannot.
class RowReader {
 public:
  static absl::StatusOr<RowReader> Open(Database& from,
                                        const CheckedTable& table) {
    GATEWATCH_ASSIGN_OR_RETURN(
        Statement rows,
        from.Prepare(absl::StrCat("SELECT ", table.columns, ", checksum, rowid",
                                  table.rest, " FROM ", table.name,
                                  " NOT INDEXED WHERE rowid >= ?"
                                  " ORDER BY rowid")));
    return RowReader(std::move(rows), table);
  }

  // Goes to the next row; false: there is none that can be read.
  bool Next() {
    if (!begun_) Seek(next_);
    begun_ = true;
    while (true) {
      const absl::StatusOr<bool> row = rows_.Step();
      if (row.ok() && !*row) return false;
      // A tree that is out of order has lost its way.
      if (row.ok() && id() >= next_) {
        next_ = id() + 1;
        return true;
      }
      if (!PassHole()) return false;
    }
  }

  bool IsTrue() const { return rows_.Verify(table_.column_count).ok(); }
  int64_t id() const { return rows_.Integer(table_.column_count + 1); }
  // Binds what InsertInto() takes.
  void BindTo(Statement& insert) const {
    rows_.CopyTo(insert, table_.column_count + 2 + table_.rest_count);
  }
  bool holes() const { return holes_ > 0; }

 private:
  RowReader(Statement rows, const CheckedTable& table)
      : rows_(std::move(rows)), table_(table) {}

  void Seek(int64_t id) { rows_.Bind(id); }
  bool CanRead(int64_t id) {
    Seek(id);
    return rows_.Step().ok();
  }

  // Sets out behind a place that cannot be read: doubles the distance until a
  // row can be read or the table is at its end, then finds by halves where the
  // place ends. Where several are near each other, what is between them may be
  // passed over with them.
  bool PassHole() {
    if (++holes_ > kMaxHoles) return false;
    int64_t bad = next_;
    int64_t distance = 1;
    while (!CanRead(bad + distance)) {
      bad += distance;
      if (distance > INT64_MAX / 4 || bad > INT64_MAX / 4) return false;
      distance *= 2;
    }
    int64_t good = bad + distance;
    while (good - bad > 1) {
      const int64_t middle = bad + (good - bad) / 2;
      (CanRead(middle) ? good : bad) = middle;
    }
    next_ = good;
    Seek(next_);
    return true;
  }

  Statement rows_;
  CheckedTable table_;
  int64_t next_ = 0;
  bool begun_ = false;
  size_t holes_ = 0;
};

std::string InsertInto(const CheckedTable& table) {
  std::string parameters = "?";
  for (int i = 0; i < table.column_count + 1 + table.rest_count; ++i) {
    parameters += ", ?";
  }
  return absl::StrCat("INSERT INTO ", table.name, "(", table.columns,
                      ", checksum, rowid", table.rest, ") VALUES(", parameters,
                      ") ON CONFLICT DO NOTHING");
}

absl::Status CopyTable(Database& from, const CheckedTable& table, Database& to,
                       Salvaged& salvaged) {
  uint64_t& saved = salvaged.rows.emplace_back(0);
  absl::StatusOr<RowReader> rows = RowReader::Open(from, table);
  if (!rows.ok()) {
    salvaged.holes = true;
    return absl::OkStatus();
  }
  GATEWATCH_ASSIGN_OR_RETURN(Statement insert, to.Prepare(InsertInto(table)));
  bool more = true;
  while (more) {
    Transaction transaction(to);
    GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
    for (uint64_t i = 0; more && i < kRowsPerTransaction; ++i) {
      more = rows->Next();
      if (!more) break;
      if (!rows->IsTrue()) {
        ++salvaged.false_rows;
        continue;
      }
      rows->BindTo(insert);
      GATEWATCH_RETURN_IF_ERROR(insert.Run());
      if (to.changes() > 0) ++saved;
    }
    GATEWATCH_RETURN_IF_ERROR(transaction.Commit());
  }
  salvaged.holes = salvaged.holes || rows->holes();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Salvaged> Salvage(const std::string& from, const std::string& to,
                                 const Schema& schema, CheckedTables tables) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database target,
      OpenForWriting(to, schema, Database::Durability::kMachine));
  // What refers to a row that is lost is kept all the same.
  GATEWATCH_RETURN_IF_ERROR(target.Execute("PRAGMA foreign_keys = OFF;"));
  Salvaged salvaged;
  absl::StatusOr<Database> damaged =
      Database::Open(from, Database::Access::kEvidence);
  if (!damaged.ok()) {
    salvaged.rows.resize(tables.size());
    salvaged.holes = true;
    return salvaged;
  }
  for (const CheckedTable& table : tables) {
    GATEWATCH_RETURN_IF_ERROR(CopyTable(*damaged, table, target, salvaged));
  }
  return salvaged;
}

}  // namespace gatewatch::analyzer
