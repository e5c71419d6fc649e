#include "analyzer/recovery.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr char kStatement[] = ".txt";
constexpr char kWork[] = ".salvage";

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

absl::Status WriteStatement(const std::string& path, const std::string& text) {
  // Under its name only when it is complete: the name says that all is done.
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished, std::ios::trunc);
  file << text << "\n";
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  if (file && !error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(path, " cannot be written"));
}

absl::Status SalvageOne(const RecoveryPlan& plan, const std::string& name,
                        const std::string& aside) {
  const std::string work = aside + kWork;
  RemoveDatabase(work);  // what a crash left of an earlier attempt
  GATEWATCH_ASSIGN_OR_RETURN(const Salvaged salvaged,
                             Salvage(aside, work, plan.schema, plan.tables));
  GATEWATCH_ASSIGN_OR_RETURN(const std::string said,
                             plan.finish(name, work, salvaged));
  LogError(said, "; the damaged file is ", aside);
  return WriteStatement(aside + kStatement, said);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> RecoverDatabases(
    const RecoveryPlan& plan) {
  std::vector<std::string> recovered;
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                             SetAsideIn(plan.directory));
  for (const std::string& aside_name : names) {
    const std::string aside = absl::StrCat(plan.directory, "/", aside_name);
    const std::string name = *NameBeforeSetAside(aside_name);
    if (!plan.is_ours(name)) continue;
    if (!Exists(aside + kStatement)) {
      GATEWATCH_RETURN_IF_ERROR(SalvageOne(plan, name, aside));
    }
    if (!Exists(aside + kWork)) continue;
    std::string path = plan.target(name);
    GATEWATCH_RETURN_IF_ERROR(MoveDatabase(aside + kWork, path));
    recovered.push_back(std::move(path));
  }
  return recovered;
}

}  // namespace gatewatch::analyzer
