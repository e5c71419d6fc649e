#ifndef GATEWATCH_TESTS_CONTRACT_COLLECTOR_H_
#define GATEWATCH_TESTS_CONTRACT_COLLECTOR_H_

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "probes/observation.h"

namespace gatewatch::testing {

// Takes what a probe queues, on a thread of its own, as the agent does.
class Collector {
 public:
  ~Collector();

  probes::ObservationQueue& queue() { return queue_; }

  // Begins to take, calling `tick` as often as the agent does.
  void Begin(std::function<void()> tick);

  // All that was taken, once `stop` has stopped the probe.
  std::vector<probes::Observation> End(const std::function<void()>& stop);

 private:
  void Keep(std::deque<probes::Observation> taken);

  probes::ObservationQueue queue_{100'000};
  std::vector<probes::Observation> kept_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_CONTRACT_COLLECTOR_H_
