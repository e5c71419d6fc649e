#ifndef GATEWATCH_AGENT_LAUNCH_COMMAND_H_
#define GATEWATCH_AGENT_LAUNCH_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gatewatch::agent {

struct LaunchCommandOptions {
  // The abstract socket of the agent that is to watch the command.
  std::string launch_socket;
  // The command and its arguments; not empty.
  std::vector<std::string> command;
};

// Runs a command under gatewatch-launch, which lies beside the running
// program, and waits for it. The command keeps the standard streams, the
// terminal and the process group. Signals that ask this process to end or to
// do something (HUP, INT, QUIT, TERM, USR1, USR2, WINCH) go to the command
// instead, except those from the terminal, which it has got itself.
//
// Returns what a shell would: the exit status, or 128 + the signal's number.
// NOT_FOUND when gatewatch-launch is missing.
//
// Threads: one call at a time in a process, since signal handlers are the
//          process's; they are put back at the end.
absl::StatusOr<int> RunLaunchCommand(const LaunchCommandOptions& options);

// Where gatewatch-launch is: beside the running program.
absl::StatusOr<std::string> LauncherPath();

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_COMMAND_H_
