#ifndef GATEWATCH_ANALYZER_SALVAGE_H_
#define GATEWATCH_ANALYZER_SALVAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/checked_table.h"
#include "analyzer/store_file.h"

namespace gatewatch::analyzer {

// What could be read of a damaged database.
struct Salvaged {
  // Rows of each table, in the order of the tables.
  std::vector<uint64_t> rows;
  // Rows that could be read and were not what was written.
  uint64_t false_rows = 0;
  // There were places that could not be read: what stood there is not known.
  bool holes = false;
};

// Copies every row that can be read, and is what was written, of the damaged
// database at `from` into a new one at `to`, with its number. Leaves `from` as
// it is. An error is about `to`: no space, say.
//
// Limits: what SQLite's trees lead to; passes over at most 10,000 places in a
//         table. One row at a time is in memory.
absl::StatusOr<Salvaged> Salvage(const std::string& from, const std::string& to,
                                 const Schema& schema, CheckedTables tables);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_SALVAGE_H_
