#ifndef GATEWATCH_PROBES_PTRACE_TRACEE_TABLE_H_
#define GATEWATCH_PROBES_PTRACE_TRACEE_TABLE_H_

#include <sys/types.h>

#include <functional>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "probes/calls/call_observer.h"
#include "probes/ptrace/signal_progress.h"

namespace gatewatch::probes {

// A thread that is traced.
struct Tracee {
  bool in_call = false;  // between a call's entry and its exit
  bool returns = false;  // in_call: out of a signal's handler
  SignalProgress signals;
  // Its call, when what becomes of it makes a difference.
  CallObserver::Sighting sighting;
  // Who made it has reported that, or it was seized. A new thread's first
  // stop and its maker's report come in either order.
  bool announced = false;
  // Its process, which is to be let go; 0: it is not.
  pid_t leaves_with = 0;
};

// The threads that are traced.
//
// Threads: not safe.
class TraceeTable {
 public:
  // The tracee of that tid, from now on if there is none. Valid until it is
  // forgotten.
  Tracee& FindOrAdd(pid_t tid);

  // Null when it is not traced, as far as is known. Valid as above.
  Tracee* Find(pid_t tid);

  // `tid` was seized, or its maker reports it. False: it has lived and ended
  // already.
  bool Announce(pid_t tid);

  // An exec by a thread that is not the first: `former` has become `leader`.
  Tracee& Replace(pid_t leader, pid_t former);

  // It has ended, perhaps before it was ever seen; or was let go.
  void Forget(pid_t tid);

  void ForEach(const std::function<void(Tracee&)>& visit);

 private:
  absl::flat_hash_map<pid_t, std::unique_ptr<Tracee>> tracees_;
  // Those that ended before their maker reported them, which is a matter of
  // microseconds. One whose maker is killed in these stays here until its tid
  // is used again, so there are never more than tids.
  absl::flat_hash_set<pid_t> ended_unannounced_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_TRACEE_TABLE_H_
