#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"
#include "detection/rule_set.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kFileLimit = (16 << 20) + 1;  // one more is refused later

// The files of these extensions, in the order of their names.
absl::StatusOr<std::vector<std::string>> FilesIn(
    const std::string& folder,
    std::initializer_list<absl::string_view> extensions) {
  std::error_code error;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (std::count(extensions.begin(), extensions.end(), extension) > 0) {
      files.push_back(it->path().string());
    }
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(folder, ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::vector<std::string>> RuleFilesIn(
    const std::string& folder) {
  GATEWATCH_ASSIGN_OR_RETURN(std::vector<std::string> files,
                             FilesIn(folder, {".yaml", ".yml"}));
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, ": no *.yaml or *.yml file in this folder"));
  }
  return files;
}

}  // namespace

absl::StatusOr<std::vector<RuleSource>> ReadRuleSources(
    const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    GATEWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> found,
                               RuleFilesIn(path));
    files.insert(files.end(), found.begin(), found.end());
  }
  std::vector<RuleSource> sources;
  for (const std::string& file : files) {
    GATEWATCH_ASSIGN_OR_RETURN(std::string text, ReadFile(file, kFileLimit));
    sources.push_back({.name = file, .text = std::move(text)});
  }
  return sources;
}

absl::StatusOr<std::vector<RuleSource>> ReadListSources(
    const std::string& folder) {
  std::vector<RuleSource> sources;
  if (folder.empty()) return sources;
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                             FilesIn(folder, {".txt"}));
  for (const std::string& file : files) {
    GATEWATCH_ASSIGN_OR_RETURN(std::string text, ReadFile(file, kFileLimit));
    sources.push_back({.name = file,
                       .text = std::move(text),
                       .list = std::filesystem::path(file).stem().string()});
  }
  return sources;
}

std::vector<std::string> RulePaths::all() const {
  std::vector<std::string> paths = rules;
  for (const std::string& path : {lists, tuning}) {
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

absl::StatusOr<std::vector<RuleSource>> ReadAllSources(const RulePaths& paths) {
  std::vector<RuleSource> sources = paths.built_in;
  GATEWATCH_ASSIGN_OR_RETURN(std::vector<RuleSource> rules,
                             ReadRuleSources(paths.rules));
  std::move(rules.begin(), rules.end(), std::back_inserter(sources));
  GATEWATCH_ASSIGN_OR_RETURN(std::vector<RuleSource> lists,
                             ReadListSources(paths.lists));
  std::move(lists.begin(), lists.end(), std::back_inserter(sources));
  if (paths.tuning.empty()) return sources;
  GATEWATCH_ASSIGN_OR_RETURN(std::string tuning,
                             ReadFile(paths.tuning, kFileLimit));
  sources.push_back(
      {.name = paths.tuning, .text = std::move(tuning), .tuning = true});
  return sources;
}

}  // namespace gatewatch::detection
