#ifndef GATEWATCH_CLI_COMMAND_ALERTS_H_
#define GATEWATCH_CLI_COMMAND_ALERTS_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch alerts: lists what the rules found, or shows it as it happens.
void AddAlertsCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_ALERTS_H_
