#include "base/files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace gatewatch {
namespace {

// What errno says of `path`; removes the other file.
absl::Status Abandon(const std::string& other, const std::string& path) {
  const absl::Status status = ErrnoStatus(errno, path);
  ::unlink(other.c_str());
  return status;
}

}  // namespace

absl::StatusOr<std::string> ReadFileAt(int directory_fd, const char* name,
                                       size_t limit) {
  const UniqueFd fd(::openat(directory_fd, name, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, name);
  std::string content;
  while (content.size() < limit) {
    const size_t have = content.size();
    const size_t want = std::min<size_t>(limit - have, 4096);
    content.resize(have + want);
    const ssize_t got = ::read(fd.get(), content.data() + have, want);
    content.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, name);
    if (got == 0) break;
  }
  return content;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit) {
  return ReadFileAt(AT_FDCWD, path.c_str(), limit);
}

absl::Status ReplaceFile(const std::string& path, absl::string_view content,
                         mode_t mode) {
  std::string other = absl::StrCat(path, ".XXXXXX");
  UniqueFd fd(::mkostemp(other.data(), O_CLOEXEC));  // nobody else's to read
  if (!fd.valid()) return ErrnoStatus(errno, path);
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Abandon(other, path);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0 ||
      ::rename(other.c_str(), path.c_str()) != 0) {
    return Abandon(other, path);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadLinkAt(int directory_fd, const char* name) {
  char target[PATH_MAX];
  const ssize_t length =
      ::readlinkat(directory_fd, name, target, sizeof(target));
  if (length < 0) return ErrnoStatus(errno, name);
  return std::string(target, static_cast<size_t>(length));
}

absl::StatusOr<std::string> ReadLink(const std::string& path) {
  return ReadLinkAt(AT_FDCWD, path.c_str());
}

}  // namespace gatewatch
