#ifndef GATEWATCH_CLI_SIMULATE_SIMULATION_H_
#define GATEWATCH_CLI_SIMULATE_SIMULATION_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/unique_fd.h"

namespace gatewatch::cli {

// What a simulation works with.
struct SimulationContext {
  // Receives what is done, a line a step.
  std::ostream& out;
  // This program. Run under another name, it plays that program: see steps.h.
  std::string self;
  // An empty folder, removed afterwards.
  std::string directory;
  // Descriptors that stay open until a while after the last simulation, so
  // that it can be found out whose they are.
  std::vector<UniqueFd>& held;
};

// A harmless version of an attacker's technique. It makes the system calls
// that the rule looks at, for real, and leaves nothing behind: no file, no
// process, no packet beyond this machine (the connection to the credential
// endpoint is given up before it can be answered).
struct Simulation {
  const char* name;       // as `gatewatch simulate` takes it
  const char* rule;       // the shipped rule that it raises
  const char* technique;  // MITRE ATT&CK
  const char* summary;
  absl::Status (*run)(const SimulationContext&);
  // What has to be there for the rule to see it: the rung "packet"; or a call
  // that goes through, "unconfined", since what a container's seccomp profile
  // refuses (Docker's default, here) is told to no filter beside it. Empty: any
  // rung that sees calls.
  const char* needs = "";
};

inline constexpr char kUnconfined[] = "unconfined";

// All of them. Lives as long as the program.
const std::vector<Simulation>& Simulations();

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_SIMULATION_H_
