#ifndef GATEWATCH_AGENT_CPU_BUDGET_H_
#define GATEWATCH_AGENT_CPU_BUDGET_H_

#include <cstdint>

#include "probes/capture_level.h"

namespace gatewatch::agent {

// Decides how much to capture, so that the agent stays within its share of a
// CPU: over it for three seconds on end, one level less; under half of it for
// ten, one level more. The distance keeps it from swinging.
//
// Threads: one.
class CpuBudget {
 public:
  // `share` is that of one CPU: 0.5 is half of one. 0: no budget.
  explicit CpuBudget(double share) : share_(share) {}

  // Tells that this process had used `cpu_ns` of CPU time by `now_ns`, on any
  // clock that only goes forward. Looks at it once a second; call it as often
  // as is convenient. Returns what to capture from now on.
  probes::CaptureLevel Measure(uint64_t now_ns, uint64_t cpu_ns);

 private:
  const double share_;
  probes::CaptureLevel level_ = probes::CaptureLevel::kAll;
  uint64_t last_ns_ = 0;  // 0: not measured yet
  uint64_t last_cpu_ns_ = 0;
  int seconds_over_ = 0;
  int seconds_under_ = 0;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_CPU_BUDGET_H_
