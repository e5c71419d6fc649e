#ifndef GATEWATCH_CLI_COMMAND_LINT_H_
#define GATEWATCH_CLI_COMMAND_LINT_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// Adds `gatewatch lint`.
void AddLintCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_LINT_H_
