#include "probes/calls/observation_sink.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatewatch::probes {

void ObservationSink::Emit(Observation observation) {
  if (!queue_.TryPush(std::move(observation))) CountLost(observation);
}

void ObservationSink::CountLost(const Observation& observation) {
  ++dropped_;
  lost_.reason = LossReason::kQueueFull;
  const std::string syscall(observation.syscall);
  auto count =
      std::find_if(lost_.counts.begin(), lost_.counts.end(),
                   [&](const auto& entry) { return entry.syscall == syscall; });
  if (count == lost_.counts.end()) {
    count = lost_.counts.insert(count, {syscall, 0});
  }
  count->count += observation.count;
  if (lost_.since_ns == 0) lost_.since_ns = observation.time_ns;
  lost_.until_ns = observation.time_ns;
}

void ObservationSink::ReportLost() {
  if (lost_.counts.empty()) return;
  Observation observation;
  observation.time_ns = lost_.since_ns;
  observation.detail = lost_;
  if (queue_.TryPush(std::move(observation))) lost_ = {};
}

}  // namespace gatewatch::probes
