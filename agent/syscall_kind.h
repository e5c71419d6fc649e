#ifndef GATEWATCH_AGENT_SYSCALL_KIND_H_
#define GATEWATCH_AGENT_SYSCALL_KIND_H_

#include "absl/strings/string_view.h"

namespace gatewatch::agent {

// The event kind that observing this system call leads to; "unknown" for ""
// and for names that are not known. Lives as long as the program.
absl::string_view KindOfSyscall(absl::string_view syscall);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_SYSCALL_KIND_H_
