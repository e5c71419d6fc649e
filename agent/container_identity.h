#ifndef GATEWATCH_AGENT_CONTAINER_IDENTITY_H_
#define GATEWATCH_AGENT_CONTAINER_IDENTITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/task_metadata.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::agent {

// What the agent's own environment says of where it runs. Empty: not said.
struct IdentityOptions {
  // $ECS_CONTAINER_METADATA_URI_V4
  std::string ecs_metadata_uri;
  std::string region;
  // Kubernetes: from the downward API and the service account token.
  std::string pod_name;
  std::string pod_namespace;
  std::string node_name;
  std::string service_account;
  // Empty: this host's.
  std::string host_name;
};

// Says which workload this is, and which of its containers a process is in:
// from the ECS task metadata, the Kubernetes downward API, or else the cgroup
// and the host's name.
//
// The metadata endpoint may be slow or absent: a thread asks it, again and
// again with growing waits until it answers, and once more when a process
// shows up in a container that the last answer did not have.
//
// Threads: any.
class ContainerIdentity {
 public:
  explicit ContainerIdentity(IdentityOptions options);
  ~ContainerIdentity();

  // A name that stays the same over the agent's restarts; 1 to 256 bytes.
  std::string AgentId() const;

  // The id of the container that a process with this cgroup is in. Never
  // empty: without a container it is the host's name.
  std::string ContainerOf(absl::string_view cgroup) ABSL_LOCKS_EXCLUDED(mutex_);
  // What is known of a container; at least its id.
  v1::Container Find(const std::string& id) const ABSL_LOCKS_EXCLUDED(mutex_);

  v1::Workload workload() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Changes whenever workload() does.
  uint64_t version() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Until the metadata endpoint has answered once, or `patience` has passed,
  // or there is none to ask.
  void AwaitFirstAnswer(absl::Duration patience) const
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void FetchUntilStopped() ABSL_LOCKS_EXCLUDED(mutex_);
  bool FetchOnce() ABSL_LOCKS_EXCLUDED(mutex_);
  // False when the wait ended because of a stop.
  bool Sleep(absl::Duration wait) ABSL_LOCKS_EXCLUDED(mutex_);
  bool SleepUntilWanted() ABSL_LOCKS_EXCLUDED(mutex_);
  void Adopt(TaskMetadata metadata) ABSL_LOCKS_EXCLUDED(mutex_);

  const IdentityOptions options_;
  mutable absl::Mutex mutex_;
  v1::Workload workload_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, v1::Container> containers_
      ABSL_GUARDED_BY(mutex_);
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread fetcher_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_CONTAINER_IDENTITY_H_
