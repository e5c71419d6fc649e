#include "analyzer/file_stamp.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace gatewatch::analyzer {
namespace {

// Whether it is a folder.
bool AddStamp(const std::string& path, std::string& stamp) {
  struct stat file = {};
  if (::stat(path.c_str(), &file) != 0) {
    absl::StrAppend(&stamp, path, " absent\n");
    return false;
  }
  absl::StrAppend(&stamp, path, " ", file.st_dev, " ", file.st_ino, " ",
                  file.st_size, " ", file.st_mtim.tv_sec, ".",
                  file.st_mtim.tv_nsec, "\n");
  return S_ISDIR(file.st_mode);
}

}  // namespace

std::string FileStamp(const std::vector<std::string>& paths) {
  std::string stamp;
  for (const std::string& path : paths) {
    if (!AddStamp(path, stamp)) continue;
    std::vector<std::string> files;
    std::error_code error;
    for (std::filesystem::directory_iterator it(path, error), end;
         !error && it != end; it.increment(error)) {
      files.push_back(it->path().string());
    }
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) AddStamp(file, stamp);
  }
  return stamp;
}

}  // namespace gatewatch::analyzer
