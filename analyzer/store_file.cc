#include "analyzer/store_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr char kAside[] = ".damaged-";

// The database comes last: without the other two it is merely older, whereas
// they would belong to whatever next got its name.
constexpr const char* kSuffixes[] = {"-shm", "-wal", ""};

constexpr char kEarlier[] =
    "Move the file away to begin a new one, or read it with the version that "
    "wrote it.";
constexpr char kLater[] =
    "Run that version or a newer one, or move the file away to begin a new "
    "one.";

absl::Status CheckVersion(const std::string& path, int64_t found,
                          int64_t known) {
  if (found == known) return absl::OkStatus();
  if (found == 0) return absl::DataLossError(absl::StrCat(path, ": is empty"));
  return absl::FailedPreconditionError(absl::StrCat(
      path, ": was written by ", found < known ? "an earlier" : "a later",
      " version, in format ", found, "; this version reads format ", known,
      ". ", found < known ? kEarlier : kLater));
}

absl::StatusOr<Database> OpenChecked(const std::string& path,
                                     const Schema& schema,
                                     Database::Durability durability) {
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             OpenForWriting(path, schema, durability));
  GATEWATCH_RETURN_IF_ERROR(CheckWhole(database, CheckDepth::kQuick));
  return database;
}

}  // namespace

absl::Status CheckWhole(Database& database, CheckDepth depth) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement check, database.Prepare(depth == CheckDepth::kQuick
                                            ? "PRAGMA quick_check(1)"
                                            : "PRAGMA integrity_check(1)"));
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, check.Step());
  if (row && check.Bytes(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(row ? check.Bytes(0) : "no answer");
}

absl::StatusOr<Database> OpenForWriting(const std::string& path,
                                        const Schema& schema,
                                        Database::Durability durability) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database,
      Database::Open(path, Database::Access::kCreate, durability));
  GATEWATCH_ASSIGN_OR_RETURN(const int64_t version, database.UserVersion());
  if (version != 0) {
    GATEWATCH_RETURN_IF_ERROR(CheckVersion(path, version, schema.version));
    return database;
  }
  Transaction transaction(database);
  GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
  GATEWATCH_RETURN_IF_ERROR(database.Execute(
      absl::StrCat(schema.sql, "PRAGMA user_version = ", schema.version, ";")));
  GATEWATCH_RETURN_IF_ERROR(transaction.Commit());
  return database;
}

absl::Status UpgradeFile(const std::string& path, const Schema& schema) {
  if (schema.from_previous[0] == '\0') return absl::OkStatus();
  {
    GATEWATCH_ASSIGN_OR_RETURN(Database database,
                               Database::Open(path, Database::Access::kRead));
    GATEWATCH_ASSIGN_OR_RETURN(const int64_t version, database.UserVersion());
    if (version != schema.version - 1) return absl::OkStatus();
  }
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             Database::Open(path, Database::Access::kCreate,
                                            Database::Durability::kMachine));
  Transaction transaction(database);
  GATEWATCH_RETURN_IF_ERROR(transaction.Begin());
  GATEWATCH_RETURN_IF_ERROR(database.Execute(absl::StrCat(
      schema.from_previous, "PRAGMA user_version = ", schema.version, ";")));
  GATEWATCH_RETURN_IF_ERROR(transaction.Commit());
  LogInfo(path, " is now in format ", schema.version);
  return absl::OkStatus();
}

absl::StatusOr<Database> OpenForReading(const std::string& path,
                                        const Schema& schema) {
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             Database::Open(path, Database::Access::kRead));
  GATEWATCH_ASSIGN_OR_RETURN(const int64_t version, database.UserVersion());
  GATEWATCH_RETURN_IF_ERROR(CheckVersion(path, version, schema.version));
  return database;
}

absl::StatusOr<Database> OpenOrReplace(const std::string& path,
                                       const Schema& schema,
                                       Database::Durability durability) {
  absl::StatusOr<Database> database = OpenChecked(path, schema, durability);
  if (!absl::IsDataLoss(database.status())) return database;
  SetAside(path, database.status());
  return OpenForWriting(path, schema, durability);
}

std::string SetAside(const std::string& path, const absl::Status& why) {
  // The time keeps a second accident from overwriting the first.
  std::string aside = absl::StrCat(path, kAside, UnixNanos());
  LogError(path, " is damaged and set aside as ", aside, ": ", why.message());
  const absl::Status moved = MoveDatabase(path, aside);
  if (!moved.ok()) LogError(moved.message());
  return aside;
}

std::optional<std::string> NameBeforeSetAside(const std::string& file_name) {
  const size_t mark = file_name.rfind(kAside);
  if (mark == std::string::npos) return std::nullopt;
  const absl::string_view number =
      absl::string_view(file_name).substr(mark + sizeof(kAside) - 1);
  uint64_t parsed = 0;
  if (!absl::SimpleAtoi(number, &parsed)) return std::nullopt;
  return file_name.substr(0, mark);
}

absl::StatusOr<std::vector<std::string>> SetAsideIn(
    const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator files(directory, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, ": ", error.message()));
  }
  std::vector<std::string> names;
  for (const auto& file : files) {
    std::string name = file.path().filename().string();
    if (NameBeforeSetAside(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status MoveDatabase(const std::string& from, const std::string& to) {
  absl::Status status;
  for (const char* suffix : kSuffixes) {
    std::error_code error;
    std::filesystem::rename(from + suffix, to + suffix, error);
    if (error && error != std::errc::no_such_file_or_directory) {
      status.Update(absl::InternalError(
          absl::StrCat(from, suffix, " cannot be renamed: ", error.message())));
    }
  }
  return status;
}

uint64_t DatabaseBytes(const std::string& path) {
  uint64_t bytes = 0;
  for (const char* suffix : kSuffixes) {
    std::error_code error;
    const uintmax_t size = std::filesystem::file_size(path + suffix, error);
    if (!error) bytes += size;
  }
  return bytes;
}

void RemoveDatabase(const std::string& path) {
  for (const char* suffix : kSuffixes) {
    std::error_code error;
    std::filesystem::remove(path + suffix, error);
    if (error) LogError(path, suffix, " cannot be removed: ", error.message());
  }
}

absl::StatusOr<UniqueFd> LockDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the store ", directory, " cannot be made: ", error.message()));
  }
  const std::string path = absl::StrCat(directory, "/lock");
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!fd.valid()) return ErrnoStatus(errno, path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("another analyzer uses the store ", directory));
  }
  return fd;
}

}  // namespace gatewatch::analyzer
