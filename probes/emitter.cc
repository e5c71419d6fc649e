#include "probes/emitter.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace gatewatch::probes {

void Emitter::Emit(Observation observation) {
  absl::MutexLock lock(&mutex_);
  counters_.observed += observation.count;
  const absl::string_view syscall = observation.syscall;
  const uint64_t count = observation.count;
  if (!queue_.TryPush(std::move(observation))) CountLostLocked(syscall, count);
}

void Emitter::CountLost(absl::string_view syscall, uint64_t count) {
  absl::MutexLock lock(&mutex_);
  if (count > 0) CountLostLocked(syscall, count);
}

void Emitter::CountLostLocked(absl::string_view syscall, uint64_t count) {
  counters_.dropped += count;
  auto entry =
      std::find_if(lost_.counts.begin(), lost_.counts.end(),
                   [&](const auto& each) { return each.syscall == syscall; });
  if (entry == lost_.counts.end()) {
    entry = lost_.counts.insert(entry, {std::string(syscall), 0});
  }
  entry->count += count;
  lost_.until_ns = UnixNanos();
  if (lost_.since_ns == 0) lost_.since_ns = lost_.until_ns;
}

void Emitter::ReportLost() {
  absl::MutexLock lock(&mutex_);
  if (lost_.counts.empty()) return;
  Observation observation;
  observation.time_ns = lost_.since_ns;
  observation.detail = lost_;
  if (queue_.TryPush(std::move(observation))) lost_ = {};
}

ProbeCounters Emitter::counters() const {
  absl::MutexLock lock(&mutex_);
  return counters_;
}

}  // namespace gatewatch::probes
