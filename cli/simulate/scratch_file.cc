#include "cli/simulate/scratch_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace gatewatch::cli {

ScratchFile::ScratchFile(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0755) == 0) made_.push_back(folder);
  }
  const UniqueFd file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.valid()) made_.push_back(path);
  exists_ = file.valid() || access(path.c_str(), F_OK) == 0;
}

ScratchFile::~ScratchFile() {
  for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
    // A folder into which somebody else has put something meanwhile stays.
    if (unlink(path->c_str()) != 0) rmdir(path->c_str());
  }
}

}  // namespace gatewatch::cli
