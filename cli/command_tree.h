#ifndef GATEWATCH_CLI_COMMAND_TREE_H_
#define GATEWATCH_CLI_COMMAND_TREE_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch tree PROCESS_KEY: the ancestors and descendants of a process.
void AddTreeCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_TREE_H_
