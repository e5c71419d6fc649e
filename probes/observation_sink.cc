#include "probes/observation_sink.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatewatch::probes {

void ObservationSink::Emit(Observation observation) {
  if (queue_.TryPush(std::move(observation))) return;
  CountLost(observation.syscall, observation.count, observation.time_ns);
}

void ObservationSink::CountLost(absl::string_view syscall, uint64_t count,
                                uint64_t time_ns) {
  dropped_ += count;
  lost_.reason = LossReason::kQueueFull;
  auto entry =
      std::find_if(lost_.counts.begin(), lost_.counts.end(),
                   [&](const auto& known) { return known.syscall == syscall; });
  if (entry == lost_.counts.end()) {
    entry = lost_.counts.insert(entry, {std::string(syscall), 0});
  }
  entry->count += count;
  if (lost_.since_ns == 0) lost_.since_ns = time_ns;
  lost_.until_ns = time_ns;
}

void ObservationSink::ReportLost() {
  if (lost_.counts.empty()) return;
  Observation observation;
  observation.time_ns = lost_.since_ns;
  observation.detail = lost_;
  if (queue_.TryPush(std::move(observation))) lost_ = {};
}

}  // namespace gatewatch::probes
