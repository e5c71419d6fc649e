#ifndef GATEWATCH_CLI_COMMAND_RULES_FIELDS_H_
#define GATEWATCH_CLI_COMMAND_RULES_FIELDS_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// Adds `gatewatch rules fields`.
void AddRulesFieldsCommand(CLI::App& rules, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_RULES_FIELDS_H_
