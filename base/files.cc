#include "base/files.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/status.h"
#include "base/unique_fd.h"

namespace gatewatch {

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
