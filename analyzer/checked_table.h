#ifndef GATEWATCH_ANALYZER_CHECKED_TABLE_H_
#define GATEWATCH_ANALYZER_CHECKED_TABLE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "analyzer/sqlite.h"
#include "analyzer/store_file.h"

namespace gatewatch::analyzer {

// A table whose rows carry a checksum, as checking and salvaging read it.
struct CheckedTable {
  const char* name;
  // What the column "checksum" covers, in its order.
  const char* columns;
  int column_count;
  // What it does not cover, with a comma before each.
  const char* rest = "";
  int rest_count = 0;
};
using CheckedTables = absl::Span<const CheckedTable>;

// Whether a database file is whole and each row what was written. Reads all of
// it. DATA_LOSS: it is damaged, and how.
absl::Status CheckDatabase(const std::string& path, const Schema& schema,
                           CheckedTables tables, CheckDepth depth);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_CHECKED_TABLE_H_
