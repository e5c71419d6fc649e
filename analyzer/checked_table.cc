#include "analyzer/checked_table.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

absl::Status CheckRows(Database& database, const CheckedTable& table) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement rows, database.Prepare(absl::StrCat(
                          "SELECT ", table.columns, ", checksum, rowid FROM ",
                          table.name, " NOT INDEXED")));
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    if (rows.Verify(table.column_count).ok()) continue;
    return absl::DataLossError(
        absl::StrCat("row ", rows.Integer(table.column_count + 1), " of ",
                     table.name, " is not what was written"));
  }
}

}  // namespace

absl::Status CheckDatabase(const std::string& path, const Schema& schema,
                           CheckedTables tables, CheckDepth depth) {
  GATEWATCH_ASSIGN_OR_RETURN(Database database, OpenForReading(path, schema));
  GATEWATCH_RETURN_IF_ERROR(CheckWhole(database, depth));
  for (const CheckedTable& table : tables) {
    GATEWATCH_RETURN_IF_ERROR(CheckRows(database, table));
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
