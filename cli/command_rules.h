#ifndef GATEWATCH_CLI_COMMAND_RULES_H_
#define GATEWATCH_CLI_COMMAND_RULES_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch rules list|show|check: the rules of the analyzer, and a check of
// rule files on this machine.
void AddRulesCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_RULES_H_
