#ifndef GATEWATCH_PROBES_PROBE_H_
#define GATEWATCH_PROBES_PROBE_H_

#include <cstdint>

#include "probes/capture_level.h"

namespace gatewatch::probes {

struct ProbeCounters {
  uint64_t observed = 0;  // calls read, folded ones included
  uint64_t folded = 0;
  uint64_t dropped = 0;    // the queue was full
  uint64_t gone = 0;       // the process was gone before it could be read
  uint64_t throttled = 0;  // left out, see Probe::Limit()
};

// Something that observes processes and feeds an ObservationQueue.
//
// Threads: its own; these methods from any.
// Full:    when the queue is full, observations are dropped, counted by call
//          and reported as ObservationsLost when there is room.
class Probe {
 public:
  virtual ~Probe() = default;

  // Emits what is due by time: folded repeats, exits that no call announced,
  // losses. Cheap; called a hundred times a second.
  virtual void Tick() = 0;

  // Ends observation; what was observed is in the queue afterwards. Does
  // nothing when called again.
  virtual void Stop() = 0;

  // Leaves out from now on what the level says: such calls are not looked at,
  // only counted, and reported once a second as ObservationsLost. Probes whose
  // cost does not grow with the calls go on as before.
  virtual void Limit(CaptureLevel /*level*/) {}

  virtual ProbeCounters counters() const = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROBE_H_
