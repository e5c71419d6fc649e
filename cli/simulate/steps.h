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

// The other side: does the step. NotFound when there is no such step.
absl::Status DoStep(const std::string& step, const std::string& argument);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_STEPS_H_
