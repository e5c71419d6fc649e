#ifndef GATEWATCH_CLI_COMMAND_HEALTH_H_
#define GATEWATCH_CLI_COMMAND_HEALTH_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch health: whether the analyzer answers, for health checks of
// containers without a shell.
void AddHealthCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_HEALTH_H_
