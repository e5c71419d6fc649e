#ifndef GATEWATCH_CLI_COMMAND_RULES_CHECK_H_
#define GATEWATCH_CLI_COMMAND_RULES_CHECK_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// Adds `gatewatch rules check`.
void AddRulesCheckCommand(CLI::App& rules, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_RULES_CHECK_H_
