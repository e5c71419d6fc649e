#ifndef GATEWATCH_TESTS_CONTRACT_BPF_WATCH_H_
#define GATEWATCH_TESTS_CONTRACT_BPF_WATCH_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "probes/bpf/bpf_program.h"
#include "probes/observation.h"
#include "probes/probe.h"

namespace gatewatch::testing {

// What the eBPF rung saw of one command.
struct BpfObserved {
  std::vector<probes::Observation> observations;
  int wait_status = 0;
  probes::ProbeCounters counters;

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

// Chooses what is observed, given the process that will become the command.
using ScopeOf = std::function<probes::BpfScope(pid_t)>;

// The process and its descendants.
probes::BpfScope RootScope(pid_t pid);

// Runs a command to its end, output discarded, under a probe that was there
// before it was executed. `clone_flags`: new namespaces for it. A status when
// this host permits no probe.
absl::StatusOr<BpfObserved> BpfWatch(const std::vector<std::string>& command,
                                     const ScopeOf& scope = RootScope,
                                     int clone_flags = 0);

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_CONTRACT_BPF_WATCH_H_
