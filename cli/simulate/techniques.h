#ifndef GATEWATCH_CLI_SIMULATE_TECHNIQUES_H_
#define GATEWATCH_CLI_SIMULATE_TECHNIQUES_H_

#include "absl/types/span.h"
#include "cli/simulate/simulation.h"

namespace gatewatch::cli {

// The simulations, by what they are about; each table is in the file of its
// name. They live as long as the program.
absl::Span<const Simulation> CommandSimulations();
absl::Span<const Simulation> ExecutionSimulations();
absl::Span<const Simulation> FileSimulations();
absl::Span<const Simulation> KernelSimulations();
absl::Span<const Simulation> NetworkSimulations();
absl::Span<const Simulation> NameSimulations();
absl::Span<const Simulation> ProcessSimulations();

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_TECHNIQUES_H_
