#ifndef GATEWATCH_CLI_COMMAND_EVENTS_H_
#define GATEWATCH_CLI_COMMAND_EVENTS_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch events: lists what agents saw, or shows it as it happens.
void AddEventsCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_EVENTS_H_
