#ifndef GATEWATCH_CLI_SIMULATE_STEPS_H_
#define GATEWATCH_CLI_SIMULATE_STEPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/simulate/simulation.h"

namespace gatewatch::cli {

// Rules look at the name of the program that acts. So a simulation of what
// curl does is done by this program under the name curl: through a symbolic
// link of that name it executes itself with the hidden command kStepCommand,
// the name of a step and the step's argument.
inline constexpr char kStepCommand[] = "simulate-step";

// Executes `step` under the name `program` and waits for its end.
absl::Status RunStepAs(const SimulationContext& context,
                       const std::string& program, const std::string& step,
                       const std::string& argument);

// Executes the harmless program under the name `program`, with `arguments`
// after argv[0], and waits. argv[0] is what selects it where it shares a
// binary with others.
absl::Status RunHarmlessAs(const SimulationContext& context,
                           const std::string& program,
                           std::vector<std::string> arguments);

// Has a program named `parent` run the harmless one under the name `program`.
absl::Status RunHarmlessBelow(const SimulationContext& context,
                              const std::string& parent,
                              const std::string& program);

// Gives an interactive shell (sh -i), which has pipes for its input and output
// and no terminal, the command `program` `arguments` to execute: the harmless
// program under that name.
absl::Status RunShellOnPipe(const SimulationContext& context,
                            const std::string& program,
                            const std::string& arguments);

// The other side: does the step. NotFound when there is no such step.
absl::Status DoStep(const std::string& step, const std::string& argument);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_STEPS_H_
