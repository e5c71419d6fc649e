#include "agent/agent_id.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "channel/peer_name.h"

namespace gatewatch::agent {

std::string AgentIdFor(const std::vector<std::string>& uris,
                       const std::string& own) {
  const auto peer = channel::PeerNameIn(uris);
  if (!peer.ok() || peer->role != channel::Role::kAgent ||
      channel::MayReportAs(*peer, own)) {
    return own;
  }
  absl::string_view name = peer->name;
  const bool begins = absl::ConsumeSuffix(&name, "*");
  return begins ? absl::StrCat(name, own) : std::string(name);
}

}  // namespace gatewatch::agent
