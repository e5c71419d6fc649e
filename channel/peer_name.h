#ifndef GATEWATCH_CHANNEL_PEER_NAME_H_
#define GATEWATCH_CHANNEL_PEER_NAME_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::channel {

enum class Role { kAgent, kAnalyst };

// Who holds a certificate: gatewatch://agent/NAME or gatewatch://analyst/NAME
// among its subject's alternative names (ADR 6).
//
// An agent's NAME is its agent id, or the beginning of the ids that it may
// use, then "*": ids of Fargate tasks come to be when the task starts.
struct PeerName {
  Role role = Role::kAgent;
  std::string name;  // 1 to 256 printable ASCII characters, no space

  bool operator==(const PeerName& other) const {
    return role == other.role && name == other.name;
  }
};

// "agent", "analyst"
absl::string_view RoleText(Role role);

std::string ToUri(const PeerName& peer);

// INVALID_ARGUMENT: it is no such URI.
absl::StatusOr<PeerName> ParsePeerName(absl::string_view uri);

// The one name among a certificate's URIs. UNAUTHENTICATED says why there is
// none.
absl::StatusOr<PeerName> PeerNameIn(const std::vector<std::string>& uris);

// Whether the peer is an agent that may report as `agent_id`.
bool MayReportAs(const PeerName& peer, absl::string_view agent_id);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_PEER_NAME_H_
