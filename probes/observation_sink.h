#ifndef GATEWATCH_PROBES_OBSERVATION_SINK_H_
#define GATEWATCH_PROBES_OBSERVATION_SINK_H_

#include <cstdint>

#include "probes/observation.h"

namespace gatewatch::probes {

// Where a probe puts its observations: the queue, and a count of what the
// queue did not take.
//
// Threads: not safe. Owned by a probe; the queue must outlive it.
// Full:    never waits, since the caller may hold a stopped process. What does
//          not fit is counted by call; ReportLost() tells of it.
class ObservationSink {
 public:
  explicit ObservationSink(ObservationQueue& queue) : queue_(queue) {}

  void Emit(Observation observation);

  // Counts calls that were not even observed.
  void CountLost(absl::string_view syscall, uint64_t count, uint64_t time_ns);

  // Counts a call of a process that may not be looked into.
  void CountUnreadable(absl::string_view syscall, uint64_t time_ns);

  // Queues an ObservationsLost when something was lost and there is room.
  void ReportLost();

  // Counts calls that were not looked at on purpose.
  void CountThrottled(absl::string_view syscall, uint64_t count,
                      uint64_t time_ns);

  // Calls of processes that were let go may happen just now, unseen.
  void NoteLetGo(uint64_t time_ns);

  // As ReportLost(), for these two; once a second, or at once with `all`.
  void ReportThrottled(uint64_t now_ns, bool all = false);

  uint64_t dropped() const { return dropped_; }
  uint64_t throttled() const { return throttled_total_; }

 private:
  void Report(ObservationsLost& lost);

  ObservationQueue& queue_;
  ObservationsLost lost_{LossReason::kQueueFull};
  ObservationsLost unreadable_{LossReason::kUnreadable};
  uint64_t dropped_ = 0;
  ObservationsLost throttled_{LossReason::kThrottled};
  ObservationsLost let_go_{LossReason::kLetGo};
  uint64_t throttled_total_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_OBSERVATION_SINK_H_
