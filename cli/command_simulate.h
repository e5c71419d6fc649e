#ifndef GATEWATCH_CLI_COMMAND_SIMULATE_H_
#define GATEWATCH_CLI_COMMAND_SIMULATE_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch simulate list|NAME…|--all: harmless versions of real techniques,
// to prove that detection works.
void AddSimulateCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_SIMULATE_H_
