#ifndef GATEWATCH_AGENT_AGENT_H_
#define GATEWATCH_AGENT_AGENT_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/capture.h"
#include "agent/container_identity.h"
#include "agent/rate_limits.h"
#include "channel/settings.h"

namespace gatewatch::agent {

struct AgentOptions {
  // gRPC address of the analyzer: "127.0.0.1:7443", "unix:/path".
  std::string analyzer;
  // Empty: as AgentIdFor() makes it from the certificate and from the task,
  // pod or host name.
  std::string agent_id;
  // Abstract unix socket on which launchers hand over their workloads.
  std::string launch_socket = "gatewatch-agent";
  // Attach to every process outside the agent's own container that its pid
  // namespace shows.
  bool attach = false;
  // And to these processes, wherever they run.
  std::vector<pid_t> attach_pids;
  // Programs never to attach to, besides the known sensors.
  std::vector<std::string> attach_ignored;
  // How to capture processes that run already.
  Rung rung = Rung::kBest;
  // Watch the DNS questions and answers of the network namespace.
  bool dns = false;
  // Of these, report only those of processes that are captured otherwise.
  bool only_captured_dns = false;
  // Report the processes that run already when the agent starts.
  bool inventory = true;
  // What protects the way to the analyzer; see channel::ProtectionAt(). Files
  // are read anew for each connection.
  channel::Settings channel;
  // Where the agent runs, as its environment says.
  IdentityOptions identity;
  // Agents with the same salt give equal secrets equal marks; empty: random.
  std::string redaction_salt;
  // What a container may bring about a second, by kind of event.
  RateLimits rate_limits = DefaultRateLimits();
  // The process that restarts this one; 0: none.
  pid_t supervisor = 0;
  // Share of one CPU that capture may take before it sees less; 0: any.
  double cpu_budget = 0.5;
  // Encoded events kept while the analyzer is away or slow.
  size_t buffer_bytes = 16 << 20;
};

// The sidecar's main object: takes observations from probes, enriches,
// redacts, buffers and ships them.
//
// Threads:  its own; the public methods from one thread. Nothing that the
//           analyzer or the network does ever reaches a workload.
// Lifetime: observing from Start() until Stop() or destruction.
class Agent {
 public:
  // INVALID_ARGUMENT when the analyzer's address is not one or not allowed, or
  // certificate and key are unfit; an expired one is not, since another may
  // take its place and there is something to observe meanwhile.
  // FAILED_PRECONDITION when the launch socket is taken by another agent.
  static absl::StatusOr<std::unique_ptr<Agent>> Start(AgentOptions options);
  ~Agent();

  // Grows many times a second as long as the agent gets on with its work.
  uint64_t progress() const;

  // Stops observing, then waits until everything observed is acknowledged by
  // the analyzer or `patience` has passed. True: nothing was left.
  bool Stop(absl::Duration patience);

 private:
  class Impl;
  explicit Agent(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_AGENT_H_
