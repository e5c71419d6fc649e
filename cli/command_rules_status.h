#ifndef GATEWATCH_CLI_COMMAND_RULES_STATUS_H_
#define GATEWATCH_CLI_COMMAND_RULES_STATUS_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// Declares `rules status`.
void AddRulesStatusCommand(CLI::App& rules, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_RULES_STATUS_H_
