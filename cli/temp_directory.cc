#include "cli/temp_directory.h"

#include <errno.h>
#include <stdlib.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::cli {

absl::StatusOr<TempDirectory> TempDirectory::Create(absl::string_view prefix) {
  std::error_code error;
  const std::filesystem::path parent =
      std::filesystem::temp_directory_path(error);
  if (error) {
    return ErrnoStatus(error.value(), "folder for temporary files");
  }
  std::string path = absl::StrCat(parent.string(), "/", prefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return ErrnoStatus(errno, absl::StrCat("mkdtemp ", path));
  }
  return TempDirectory(std::move(path));
}

TempDirectory::TempDirectory(std::string path) : path_(std::move(path)) {}

TempDirectory::TempDirectory(TempDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TempDirectory::~TempDirectory() {
  if (path_.empty()) return;
  // Nobody is left to tell when it fails; the folder is private and small.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace gatewatch::cli
