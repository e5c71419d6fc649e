#ifndef GATEWATCH_CLI_COMMAND_ALERT_H_
#define GATEWATCH_CLI_COMMAND_ALERT_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch alert ID: everything about one alert on one screen.
void AddAlertCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_ALERT_H_
