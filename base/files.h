#ifndef GATEWATCH_BASE_FILES_H_
#define GATEWATCH_BASE_FILES_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch {

// The first `limit` bytes of a file. Works on /proc files, whose size is not
// known before they are read.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t limit = 1 << 20);

// As ReadFile, from `name` below the directory `directory_fd`.
absl::StatusOr<std::string> ReadFileAt(int directory_fd, const char* name,
                                       size_t limit = 1 << 20);

// Puts `content` in the place of what the file held, as a whole: who reads
// meanwhile sees the one or the other. The file gets `mode`.
absl::Status ReplaceFile(const std::string& path, absl::string_view content,
                         mode_t mode);

// The target of a symbolic link, as the kernel gives it.
absl::StatusOr<std::string> ReadLink(const std::string& path);
absl::StatusOr<std::string> ReadLinkAt(int directory_fd, const char* name);

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_FILES_H_
