#ifndef GATEWATCH_ANALYZER_RECOVERY_H_
#define GATEWATCH_ANALYZER_RECOVERY_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "analyzer/checked_table.h"
#include "analyzer/salvage.h"

namespace gatewatch::analyzer {

// How databases of one kind are recovered.
struct RecoveryPlan {
  std::string directory;
  Schema schema;
  CheckedTables tables;
  // Whether a file name is that of such a database.
  absl::FunctionRef<bool(const std::string& name)> is_ours;
  // Where the database goes that is made of what was saved: a path at which
  // there is nothing. `name` is what the damaged one was called.
  absl::FunctionRef<std::string(const std::string& name)> target;
  // Completes the new database, which nobody else has open yet, and says in
  // one line what was saved and what is lost.
  absl::FunctionRef<absl::StatusOr<std::string>(const std::string& name,
                                                const std::string& path,
                                                const Salvaged& salvaged)>
      finish;
};

// Makes of each damaged database that was set aside in the folder a new one
// with what can be saved of it, once. What was lost is written beside it (in
// "….damaged-NUMBER.txt") and to the log. A crash at any point leaves work
// that the next call completes. Returns the paths of the new databases.
//
// Threads: one at a time for each folder.
absl::StatusOr<std::vector<std::string>> RecoverDatabases(
    const RecoveryPlan& plan);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_RECOVERY_H_
