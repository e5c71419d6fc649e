#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr char kPreloadFile[] = "/etc/ld.so.preload";

}  // namespace

absl::Status SimulateShadowRead(const SimulationContext& context) {
  context.out << "  opening /etc/shadow, reading nothing\n";
  const UniqueFd file(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
  if (!file.valid()) context.out << "  (this user may not; the try counts)\n";
  return absl::OkStatus();
}

absl::Status SimulateEnvironmentRead(const SimulationContext& context) {
  ChildProcess victim([] { return pause(); });
  if (victim.pid() == 0) return absl::InternalError("cannot start a process");
  const std::string path = absl::StrCat("/proc/", victim.pid(), "/environ");
  context.out << "  opening " << path << " of a child, reading one byte\n";
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char byte;
  if (!file.valid() || read(file.get(), &byte, 1) < 0) {
    return ErrnoStatus(errno, path);
  }
  return absl::OkStatus();
}

// The file is never given content, so that at no moment anything is loaded
// into anything. An existing file is opened and closed as it is.
absl::Status SimulatePreloadWrite(const SimulationContext& context) {
  const UniqueFd existing(open(kPreloadFile, O_WRONLY | O_APPEND | O_CLOEXEC));
  if (existing.valid()) {
    context.out << "  opened " << kPreloadFile << ", wrote nothing\n";
    return absl::OkStatus();
  }
  const UniqueFd created(
      open(kPreloadFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!created.valid()) {
    context.out << "  (this user may not create " << kPreloadFile
                << "; the try counts)\n";
    return absl::OkStatus();
  }
  context.out << "  created " << kPreloadFile << " empty and removed it\n";
  if (unlink(kPreloadFile) != 0) return ErrnoStatus(errno, kPreloadFile);
  return absl::OkStatus();
}

absl::Status SimulateHistoryDeletion(const SimulationContext& context) {
  const std::string path = absl::StrCat(context.directory, "/.bash_history");
  const UniqueFd file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return ErrnoStatus(errno, path);
  context.out << "  deleting " << path << ", made for it\n";
  if (unlink(path.c_str()) != 0) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

}  // namespace gatewatch::cli
