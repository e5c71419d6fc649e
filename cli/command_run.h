#ifndef GATEWATCH_CLI_COMMAND_RUN_H_
#define GATEWATCH_CLI_COMMAND_RUN_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch run -- COMMAND…: watches one command with an analyzer and an agent
// of its own, and ends with the exit status of the command.
void AddRunCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_RUN_H_
