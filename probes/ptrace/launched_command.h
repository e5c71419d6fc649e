#ifndef GATEWATCH_PROBES_PTRACE_LAUNCHED_COMMAND_H_
#define GATEWATCH_PROBES_PTRACE_LAUNCHED_COMMAND_H_

#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::probes {

// A command to be run under a tracer from its first call on.
struct LaunchedCommand {
  std::vector<std::string> arguments;    // the first is looked for in PATH
  std::array<int, 3> stdio = {0, 1, 2};  // borrowed descriptors
};

// The command's process, a child of the calling thread, before it has done
// anything. Ends with 127 when there is no such command, 126 when it cannot
// be executed or put under the filter.
struct HeldChild {
  pid_t pid = 0;
  UniqueFd release;  // closing it lets the process go on
};

// Makes the process. Once released it installs a filter that stops the calls
// of the table for its tracer (and sets no_new_privs where that takes it), and
// executes the command. Without a tracer such calls fail with ENOSYS, for
// ever: the tracer has to outlive every process of the workload.
absl::StatusOr<HeldChild> HoldCommand(const LaunchedCommand& command);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_LAUNCHED_COMMAND_H_
