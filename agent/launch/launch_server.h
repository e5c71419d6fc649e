#ifndef GATEWATCH_AGENT_LAUNCH_LAUNCH_SERVER_H_
#define GATEWATCH_AGENT_LAUNCH_LAUNCH_SERVER_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "probes/capture_level.h"
#include "probes/observation.h"
#include "probes/procfs/proc_fallback.h"

namespace gatewatch::agent {

// Takes the listeners that launchers hand over and observes their workloads:
// one probe for each, feeding `queue`.
//
// Threads:  its own; the public methods from one thread.
// Lifetime: queue and fallback must outlive it. After Stop() or destruction the
//           launchers answer their workloads' calls themselves.
class LaunchServer {
 public:
  // `launcher`, the path of gatewatch-launch, is run as the new keeper of a
  // listener whose keeper was killed; empty: such a workload is let go of.
  // `fallback` is asked for what may not be read of a workload; null: nobody.
  static absl::StatusOr<std::unique_ptr<LaunchServer>> Start(
      const std::string& abstract_socket_name, probes::ObservationQueue& queue,
      const std::string& launcher = "",
      probes::ProcFallback* fallback = nullptr);
  ~LaunchServer();

  // Emits what is due by time: folded repeats, confirmations, exits that no
  // call announced. Cheap; call it a hundred times a second.
  void Tick();

  // As probes::Probe::Limit(), for all workloads, those to come included. What
  // a call costs that waits for its listener remains: it is let go on unread.
  void Limit(probes::CaptureLevel level);

  // Lets go of all workloads. What was observed is in the queue afterwards.
  void Stop();

  // Whether the process is the keeper of a workload under observation.
  bool IsKeeper(pid_t pid) const;

  struct Counters {
    uint64_t observed = 0;  // calls read, folded ones included
    uint64_t folded = 0;
    uint64_t dropped = 0;    // the queue was full
    uint64_t gone = 0;       // the process was gone before it could be read
    uint64_t workloads = 0;  // under observation now
    uint64_t throttled = 0;  // left out, see probes::Probe::Limit()
  };
  Counters counters() const;

 private:
  class Impl;
  explicit LaunchServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_LAUNCH_SERVER_H_
