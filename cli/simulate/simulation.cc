#include "cli/simulate/simulation.h"

#include "cli/simulate/techniques.h"

namespace gatewatch::cli {

const std::vector<Simulation>& Simulations() {
  static const auto* const all = [] {
    auto* simulations = new std::vector<Simulation>();
    for (const absl::Span<const Simulation> table :
         {ExecutionSimulations(), CommandSimulations(), FileSimulations(),
          ProcessSimulations(), KernelSimulations(), NetworkSimulations(),
          NameSimulations()}) {
      simulations->insert(simulations->end(), table.begin(), table.end());
    }
    return simulations;
  }();
  return *all;
}

}  // namespace gatewatch::cli
