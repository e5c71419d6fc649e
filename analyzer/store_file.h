#ifndef GATEWATCH_ANALYZER_STORE_FILE_H_
#define GATEWATCH_ANALYZER_STORE_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analyzer/sqlite.h"
#include "base/unique_fd.h"

namespace gatewatch::analyzer {

// The format of a database file of ours.
struct Schema {
  // Kept in the file. A file of another version is refused.
  int64_t version = 1;
  // Creates everything, in a file that has nothing.
  const char* sql = "";
  // Makes a file of the version before into one of this; empty: cannot be done.
  const char* from_previous = "";
};

// Opens `path` for writing, making it when it is missing.
// DATA_LOSS: damaged; FAILED_PRECONDITION: written by another version.
absl::StatusOr<Database> OpenForWriting(const std::string& path,
                                        const Schema& schema,
                                        Database::Durability durability);

// Brings an existing file of the version before to this one, in one step, when
// the schema can; any other file is left as it is.
absl::Status UpgradeFile(const std::string& path, const Schema& schema);

// Opens an existing file for reading; errors as above.
absl::StatusOr<Database> OpenForReading(const std::string& path,
                                        const Schema& schema);

// As OpenForWriting; checks the whole file first, and when it is damaged sets
// it aside, says so in the log, and begins a new one. For small files.
absl::StatusOr<Database> OpenOrReplace(const std::string& path,
                                       const Schema& schema,
                                       Database::Durability durability);

// Renames a database and what belongs to it to "PATH.damaged-NUMBER", for a
// person to look at. Logs `why`, and its own failure. Returns the new path.
std::string SetAside(const std::string& path, const absl::Status& why);

// What stands before the ".damaged-NUMBER" of a file name; nothing when it has
// none.
std::optional<std::string> NameBeforeSetAside(const std::string& file_name);

// The names of the databases that were set aside in a folder, oldest first for
// each.
absl::StatusOr<std::vector<std::string>> SetAsideIn(
    const std::string& directory);

// How thoroughly to look: SQLite's quick_check, or also whether each index
// agrees with its table.
enum class CheckDepth { kQuick, kFull };

// Reads the whole file. DATA_LOSS: it is damaged.
absl::Status CheckWhole(Database& database, CheckDepth depth);

// Moves a database that nobody has open, with all that belongs to it.
absl::Status MoveDatabase(const std::string& from, const std::string& to);

// A database's size with all that belongs to it; 0 when there is none.
uint64_t DatabaseBytes(const std::string& path);

// Deletes a database and what belongs to it. Logs failure.
void RemoveDatabase(const std::string& path);

// Makes `directory` when it is missing, and locks it against another analyzer
// for as long as the result lives. FAILED_PRECONDITION: it is taken.
absl::StatusOr<UniqueFd> LockDirectory(const std::string& directory);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_STORE_FILE_H_
