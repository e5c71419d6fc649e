#ifndef GATEWATCH_CLI_SIMULATE_TECHNIQUES_H_
#define GATEWATCH_CLI_SIMULATE_TECHNIQUES_H_

#include "absl/status/status.h"
#include "cli/simulate/simulation.h"

namespace gatewatch::cli {

// The functions behind the table of simulations; see simulation.h for what
// they promise.

// execution_techniques.cc
absl::Status SimulateMemoryExecution(const SimulationContext& context);
absl::Status SimulateNewFileExecution(const SimulationContext& context);
absl::Status SimulateDownloadExecution(const SimulationContext& context);
absl::Status SimulateServerShell(const SimulationContext& context);
absl::Status SimulateCryptominer(const SimulationContext& context);
absl::Status SimulatePackageManager(const SimulationContext& context);

// file_techniques.cc
absl::Status SimulateShadowRead(const SimulationContext& context);
absl::Status SimulateEnvironmentRead(const SimulationContext& context);
absl::Status SimulatePreloadWrite(const SimulationContext& context);
absl::Status SimulateHistoryDeletion(const SimulationContext& context);

// network_techniques.cc
absl::Status SimulateReverseShell(const SimulationContext& context);
absl::Status SimulateCredentialEndpoint(const SimulationContext& context);

// process_techniques.cc
absl::Status SimulateTracing(const SimulationContext& context);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_TECHNIQUES_H_
