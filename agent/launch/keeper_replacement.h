#ifndef GATEWATCH_AGENT_LAUNCH_KEEPER_REPLACEMENT_H_
#define GATEWATCH_AGENT_LAUNCH_KEEPER_REPLACEMENT_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/unique_fd.h"

namespace gatewatch::agent {

// Starts keepers for listeners that lost theirs: a workload may kill a keeper
// that runs in its container. The new one runs beside the agent, and hands
// the listener over like any other.
//
// Threads: one.
class KeeperReplacement {
 public:
  // `launcher` is the path of gatewatch-launch, `agent_socket` where the
  // keepers report.
  KeeperReplacement(std::string launcher, std::string agent_socket);

  absl::Status Start(const UniqueFd& listener);
  // Takes note of those that have ended. To be called now and then.
  void Reap();

 private:
  const std::string launcher_;
  const std::string agent_socket_;
  std::vector<pid_t> running_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_KEEPER_REPLACEMENT_H_
