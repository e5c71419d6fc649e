#include "iac/lint/find_files.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::iac {
namespace {

namespace fs = std::filesystem;

constexpr std::array<absl::string_view, 4> kEndings = {".json", ".yaml", ".yml",
                                                       ".template"};
constexpr std::array<absl::string_view, 2> kOthers = {"vendor", "node_modules"};

bool IsLeftOut(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return absl::StartsWith(name, ".") || absl::c_linear_search(kOthers, name);
}

void Fail(const std::string& path, const std::error_code& error,
          FoundFiles& found) {
  found.errors.push_back(
      absl::NotFoundError(absl::StrCat(path, ": ", error.message())));
}

void Walk(const std::string& root, FoundFiles& found) {
  std::error_code error;
  fs::recursive_directory_iterator entry(root, error);
  if (error) return Fail(root, error, found);
  std::vector<std::string> files;
  while (entry != fs::recursive_directory_iterator()) {
    const fs::path& path = entry->path();
    if (entry->is_directory(error) && !entry->is_symlink(error)) {
      if (IsLeftOut(path)) {
        found.left_out.push_back(path.string());
        entry.disable_recursion_pending();
      }
    } else if (!absl::c_linear_search(kEndings, path.extension().string())) {
      ++found.skipped;
    } else if (entry->is_regular_file(error)) {
      files.push_back(path.string());
    }
    entry.increment(error);
    if (error) return Fail(root, error, found);
  }
  absl::c_sort(files);
  for (std::string& file : files) found.files.push_back(std::move(file));
}

}  // namespace

FoundFiles FindFiles(const std::vector<std::string>& paths) {
  FoundFiles found;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      Walk(path, found);
    } else {
      found.files.push_back(path);
    }
  }
  absl::flat_hash_set<std::string> seen;
  std::vector<std::string> once;
  for (std::string& file : found.files) {
    if (seen.insert(file).second) once.push_back(std::move(file));
  }
  found.files = std::move(once);
  absl::c_sort(found.left_out);
  return found;
}

}  // namespace gatewatch::iac
