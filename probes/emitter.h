#ifndef GATEWATCH_PROBES_EMITTER_H_
#define GATEWATCH_PROBES_EMITTER_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "probes/observation.h"
#include "probes/observation_sink.h"
#include "probes/probe.h"

namespace gatewatch::probes {

// An ObservationSink for probes with several threads, with their account: what
// does not fit, or what the probe had to pass over, is counted by call.
//
// Threads: any. The queue must outlive it.
class Emitter {
 public:
  explicit Emitter(ObservationQueue& queue) : sink_(queue) {}

  void Emit(Observation observation) ABSL_LOCKS_EXCLUDED(mutex_);

  // Notes `count` of what would have been observations of that call.
  void CountLost(absl::string_view syscall, uint64_t count)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells of what was lost since it was last told of.
  void ReportLost() ABSL_LOCKS_EXCLUDED(mutex_);

  ProbeCounters counters() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  ProbeCounters counters_ ABSL_GUARDED_BY(mutex_);
  ObservationSink sink_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_EMITTER_H_
