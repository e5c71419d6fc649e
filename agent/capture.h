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
#include "probes/probe.h"
#include "probes/procfs/uid_helper.h"

namespace gatewatch::probes {
class BpfProbe;
}

namespace gatewatch::agent {

// The rungs of the ladder that processes which run already can be captured by.
enum class Rung {
  kBest,  // the highest that works here
  kEbpf,
  kAttach,
  kPtrace,
  kProcfs,
};

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
    Rung rung = Rung::kBest;
    bool dns = false;  // watch this network namespace's DNS
  };
  // An error when the launch socket is taken, or a rung that was asked for
  // by name does not work here.
  static absl::StatusOr<std::unique_ptr<Capture>> Start(
      const Options& options, probes::ObservationQueue& queue);
  ~Capture();

  // Emits what is due by time. Cheap; call it a hundred times a second.
  void Tick();
  // As probes::Probe::Limit(), for all probes.
  void Limit(probes::CaptureLevel level);
  // Captures these kinds of events alone from now on, and what processes are
  // followed by; none: all. What was launched under observation, or attached
  // to before, stays as it is. Until the first call, nothing is attached to
  // for a second.
  void UseKinds(const std::vector<std::string>& kinds);
  // What was observed is in the queue afterwards.
  void Stop();

  // Of all probes together.
  probes::ProbeCounters counters() const;

  // What is covered, and how.
  struct Coverage {
    std::vector<probes::RungChoice> kinds;
    struct Root {
      RootFinder::Root found;
      // Kinds that are wanted by now and that its filter lets pass unseen.
      std::vector<std::string> unseen_kinds;
    };
    std::vector<Root> roots;
    std::string root_rung;  // that serves the roots
  };
  Coverage coverage() const;
  // Changes when coverage() does.
  uint64_t coverage_version() const;

  // As LaunchServer::IsKeeper().
  bool IsKeeper(pid_t pid) const { return launches_->IsKeeper(pid); }

 private:
  Capture() = default;
  absl::Status StartRung(const Options& options,
                         probes::ObservationQueue& queue);
  absl::Status StartEbpf(const Options& options,
                         probes::ObservationQueue& queue);
  absl::Status StartAttaching(const Options& options, Rung rung,
                              probes::ObservationQueue& queue);
  absl::Status StartPolling(probes::ObservationQueue& queue);
  void StartDns(probes::ObservationQueue& queue);

  std::vector<probes::RungChoice> kinds_;
  std::string root_rung_;
  std::vector<std::string> rungs_;   // those in use
  std::vector<std::string> wanted_;  // kinds; empty: all
  uint64_t kinds_version_ = 0;
  // Reads other users' processes where this one may not by itself.
  std::unique_ptr<probes::UidHelpers> helpers_;
  std::unique_ptr<LaunchServer> launches_;
  std::vector<std::unique_ptr<probes::Probe>> probes_;
  probes::BpfProbe* ebpf_ = nullptr;  // among the probes; null: there is none
  // Null: nothing is attached to. Some of the probes ask it.
  std::unique_ptr<Attacher> attacher_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_CAPTURE_H_
