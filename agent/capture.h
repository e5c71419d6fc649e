#ifndef GATEWATCH_AGENT_CAPTURE_H_
#define GATEWATCH_AGENT_CAPTURE_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/attach/attacher.h"
#include "agent/launch/launch_server.h"
#include "probes/host_support.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// All that observes: the one place that knows the kinds of capture.
//
// Threads:  its own; the methods from one thread.
// Lifetime: the queue must outlive it.
class Capture {
 public:
  struct Options {
    std::string launch_socket;  // see AgentOptions, as the rest
    bool attach = false;
    std::vector<pid_t> attach_pids;
    std::vector<std::string> attach_ignored;
  };
  static absl::StatusOr<std::unique_ptr<Capture>> Start(
      const Options& options, probes::ObservationQueue& queue);
  ~Capture();

  // Emits what is due by time. Cheap; call it a hundred times a second.
  void Tick();
  // What was observed is in the queue afterwards.
  void Stop();

  LaunchServer::Counters counters() const { return launches_->counters(); }

  // What is covered, and how.
  struct Coverage {
    std::vector<probes::RungChoice> kinds;
    std::vector<RootFinder::Root> roots;
  };
  Coverage coverage() const;
  // Changes when coverage() does.
  uint64_t coverage_version() const;

 private:
  Capture() = default;

  std::vector<probes::RungChoice> kinds_;
  std::unique_ptr<LaunchServer> launches_;
  std::unique_ptr<Attacher> attacher_;  // null: not asked for
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_CAPTURE_H_
