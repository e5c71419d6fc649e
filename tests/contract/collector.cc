#include "tests/contract/collector.h"

#include <utility>

namespace gatewatch::testing {

Collector::~Collector() {
  End([] {});
}

void Collector::Begin(std::function<void()> tick) {
  thread_ = std::thread([this, tick = std::move(tick)] {
    while (!done_) {
      tick();
      Keep(queue_.Take(absl::Milliseconds(5)));
    }
  });
}

std::vector<probes::Observation> Collector::End(
    const std::function<void()>& stop) {
  if (!thread_.joinable()) return {};
  stop();
  done_ = true;
  queue_.Close();
  thread_.join();
  Keep(queue_.Take(absl::ZeroDuration()));
  return std::move(kept_);
}

void Collector::Keep(std::deque<probes::Observation> taken) {
  for (auto& observation : taken) kept_.push_back(std::move(observation));
}

}  // namespace gatewatch::testing
