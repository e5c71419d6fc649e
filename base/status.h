#ifndef GATEWATCH_BASE_STATUS_H_
#define GATEWATCH_BASE_STATUS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch {

// The status of a failed system call. ESRCH becomes NotFound ("the process is
// gone": counted, never logged), EPERM and EACCES PermissionDenied, ENOENT
// NotFound, ENOSYS and EINVAL FailedPrecondition ("this host lacks it"),
// EAGAIN and ECONNREFUSED Unavailable ("try again"), the rest Internal.
absl::Status ErrnoStatus(int error, absl::string_view what);
absl::Status ErrnoStatus(int error, absl::string_view what, long subject);

}  // namespace gatewatch

// Leaves the enclosing function with the status when it is not OK.
#define GATEWATCH_RETURN_IF_ERROR(expression)                               \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

// GATEWATCH_ASSIGN_OR_RETURN(auto value, Function());
#define GATEWATCH_ASSIGN_OR_RETURN(target, expression)                        \
  GATEWATCH_ASSIGN_OR_RETURN_(GATEWATCH_CONCAT_(statusor_, __LINE__), target, \
                              expression)
#define GATEWATCH_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return result.status();                     \
  target = *std::move(result)
#define GATEWATCH_CONCAT_(a, b) GATEWATCH_CONCAT_INNER_(a, b)
#define GATEWATCH_CONCAT_INNER_(a, b) a##b

// A broken invariant of ours ends the process; bad input never may.
#define GATEWATCH_CHECK(condition)                              \
  do {                                                          \
    if (!(condition))                                           \
      ::gatewatch::CheckFailed(#condition, __FILE__, __LINE__); \
  } while (false)

namespace gatewatch {
[[noreturn]] void CheckFailed(const char* condition, const char* file,
                              int line);
}  // namespace gatewatch

#endif  // GATEWATCH_BASE_STATUS_H_
