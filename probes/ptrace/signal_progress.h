#ifndef GATEWATCH_PROBES_PTRACE_SIGNAL_PROGRESS_H_
#define GATEWATCH_PROBES_PTRACE_SIGNAL_PROGRESS_H_

#include "probes/ptrace/registers.h"

namespace gatewatch::probes {

// Tells whether a traced thread gets anywhere between its signals.
//
// Where every call stops, a signal costs three stops: its delivery, and both
// ends of the sigreturn(2) that its handler ends with. When the next one is
// due before these are over, as from a timer that is faster than the tracer,
// the thread is back where it was interrupted and is interrupted again: alone
// it would run, traced it stands still.
//
// Threads: not safe. One for each traced thread.
class SignalProgress {
 public:
  // The thread leaves a call and goes on at that place.
  void LeftCall(bool sigreturn, Place place);

  // A signal is about to be delivered at that place. True when the thread
  // stands still, by its last signals; then counts anew.
  bool Interrupted(Place place);

 private:
  Place resumed_at_;  // after a sigreturn that no other call has followed
  int signals_ = 0;
  int fruitless_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_SIGNAL_PROGRESS_H_
