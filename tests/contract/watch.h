#ifndef GATEWATCH_TESTS_CONTRACT_WATCH_H_
#define GATEWATCH_TESTS_CONTRACT_WATCH_H_

#include <string>
#include <vector>

#include "tests/contract/rung.h"
#include "tests/support/skip.h"

namespace gatewatch::testing {

// Runs a command to its end under observation, standard output and error
// discarded, and waits until nothing of it is left. A command that takes
// longer than 60 seconds fails the test.
Observed Watch(const Rung& rung, const std::vector<std::string>& command,
               probes::CaptureLevel level = probes::CaptureLevel::kAll);

// Runs a command as it is or under observation; what it wrote, and its
// status.
struct Finished {
  std::string output;
  int status = 0;
};
Finished RunBare(const std::vector<std::string>& command);
Finished RunWatched(const Rung& rung, const std::vector<std::string>& command);

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_CONTRACT_WATCH_H_
