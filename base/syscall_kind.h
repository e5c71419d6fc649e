#ifndef GATEWATCH_BASE_SYSCALL_KIND_H_
#define GATEWATCH_BASE_SYSCALL_KIND_H_

#include "absl/strings/string_view.h"

namespace gatewatch {

// The event kind that observing this system call leads to, by the names that
// capture, agent and rules share; "unknown" for "" and for names that are not
// known. Lives as long as the program.
absl::string_view KindOfSyscall(absl::string_view syscall);

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_SYSCALL_KIND_H_
