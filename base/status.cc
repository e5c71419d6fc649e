#include "base/status.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace gatewatch {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ESRCH:
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EPERM:
    case EACCES:
      return absl::StatusCode::kPermissionDenied;
    case ENOSYS:
    case EINVAL:
    case EOPNOTSUPP:
      return absl::StatusCode::kFailedPrecondition;
    case EAGAIN:
    case EINTR:
    case ECONNREFUSED:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status ErrnoStatus(int error, absl::string_view what) {
  return absl::Status(CodeOf(error), absl::StrCat(what, ": ", strerror(error)));
}

absl::Status ErrnoStatus(int error, absl::string_view what, long subject) {
  return ErrnoStatus(error, absl::StrCat(what, " ", subject));
}

void CheckFailed(const char* condition, const char* file, int line) {
  fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  abort();
}

}  // namespace gatewatch
