#ifndef GATEWATCH_AGENT_OWN_PROCESSES_H_
#define GATEWATCH_AGENT_OWN_PROCESSES_H_

#include <cstdint>
#include <vector>

#include "probes/observation.h"

namespace gatewatch::agent {

// Which processes are the agent's own. It tells by what no workload can forge:
// the process, which is a pid with its start time, and the file that it
// executes. A name would be free to take, and one of these processes that was
// made to execute something else is no longer one of them.
//
// Threads: one.
class OwnProcesses {
 public:
  // As it is now.
  void Add(const probes::ProcessSnapshot& process);
  bool Contains(const probes::ProcessSnapshot& process) const;

 private:
  struct Own {
    probes::ProcessId id;
    uint64_t inode = 0;
    uint64_t device = 0;
    friend bool operator==(const Own&, const Own&) = default;
  };
  static Own OwnOf(const probes::ProcessSnapshot& process);

  std::vector<Own> processes_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_OWN_PROCESSES_H_
