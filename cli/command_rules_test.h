#ifndef GATEWATCH_CLI_COMMAND_RULES_TEST_H_
#define GATEWATCH_CLI_COMMAND_RULES_TEST_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// Adds `gatewatch rules test`.
void AddRulesTestCommand(CLI::App& rules, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_RULES_TEST_H_
