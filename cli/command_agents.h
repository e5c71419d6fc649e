#ifndef GATEWATCH_CLI_COMMAND_AGENTS_H_
#define GATEWATCH_CLI_COMMAND_AGENTS_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch agents: the fleet, how each agent captures, and what was lost.
void AddAgentsCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_AGENTS_H_
