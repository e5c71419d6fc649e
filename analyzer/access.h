#ifndef GATEWATCH_ANALYZER_ACCESS_H_
#define GATEWATCH_ANALYZER_ACCESS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "channel/peer_name.h"

namespace gatewatch::analyzer {

// Whether a peer with these URIs in its certificate may call a method, such
// as "/gatewatch.v1.QueryService/ListAgents": agents report, analysts query.
// UNAUTHENTICATED: the certificate does not say who the peer is;
// PERMISSION_DENIED: its role may not call this. Both say what to do.
absl::Status CheckMethod(const std::vector<std::string>& uris,
                         absl::string_view method);

// Whether the peer may report as this agent. PERMISSION_DENIED says as whom
// it may.
absl::Status CheckAgentId(const channel::PeerName& peer,
                          absl::string_view agent_id);

// Logs refusals, not all when they come fast: whoever is refused tries again.
//
// Threads: any.
class RefusalLog {
 public:
  void Note(const absl::Status& refusal) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  absl::Time next_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_ACCESS_H_
