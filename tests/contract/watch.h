#ifndef GATEWATCH_TESTS_CONTRACT_WATCH_H_
#define GATEWATCH_TESTS_CONTRACT_WATCH_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/launch/launch_server.h"
#include "probes/observation.h"

namespace gatewatch::testing {

// What a probe saw of one command.
struct Observed {
  std::vector<probes::Observation> observations;
  int status = 0;  // exit status, or 128 + signal
  agent::LaunchServer::Counters counters;

  // The observations with that detail.
  template <typename Detail>
  std::vector<const probes::Observation*> Of() const {
    std::vector<const probes::Observation*> found;
    for (const auto& observation : observations) {
      if (std::holds_alternative<Detail>(observation.detail)) {
        found.push_back(&observation);
      }
    }
    return found;
  }
};

// Runs a command to its end under gatewatch-launch, standard output and error
// discarded, and waits until nothing of it is left. A command that takes
// longer than 60 seconds fails the test.
Observed Watch(const std::vector<std::string>& command);

// The path of a program of tests/programs.
std::string Program(const std::string& name);

// Runs a command as it is or under gatewatch-launch; what it wrote, and its
// status.
struct Finished {
  std::string output;
  int status = 0;
};
Finished RunBare(const std::vector<std::string>& command);
Finished RunWatched(const std::vector<std::string>& command);

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_CONTRACT_WATCH_H_
