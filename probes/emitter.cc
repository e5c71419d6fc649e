#include "probes/emitter.h"

#include <utility>

#include "base/clock.h"

namespace gatewatch::probes {

void Emitter::Emit(Observation observation) {
  absl::MutexLock lock(&mutex_);
  counters_.observed += observation.count;
  sink_.Emit(std::move(observation));
}

void Emitter::CountLost(absl::string_view syscall, uint64_t count) {
  absl::MutexLock lock(&mutex_);
  if (count > 0) sink_.CountLost(syscall, count, UnixNanos());
}

void Emitter::ReportLost() {
  absl::MutexLock lock(&mutex_);
  sink_.ReportLost();
}

ProbeCounters Emitter::counters() const {
  absl::MutexLock lock(&mutex_);
  ProbeCounters counters = counters_;
  counters.dropped = sink_.dropped();
  return counters;
}

}  // namespace gatewatch::probes
