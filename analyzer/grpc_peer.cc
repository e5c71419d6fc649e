#include "analyzer/grpc_peer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/status.h"
#include "grpc/grpc_security_constants.h"

namespace gatewatch::analyzer {

absl::StatusOr<std::optional<channel::PeerName>> PeerOf(
    const grpc::ServerContext& context) {
  const auto security = context.auth_context();
  // Not whether it is "authenticated": a certificate without any name is not.
  const auto types =
      security->FindPropertyValues(GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
  if (std::find(types.begin(), types.end(), GRPC_SSL_TRANSPORT_SECURITY_TYPE) ==
      types.end()) {
    return std::nullopt;
  }
  std::vector<std::string> uris;
  for (const grpc::string_ref& uri :
       security->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    uris.emplace_back(uri.data(), uri.size());
  }
  GATEWATCH_ASSIGN_OR_RETURN(channel::PeerName peer, channel::PeerNameIn(uris));
  return std::make_optional(std::move(peer));
}

}  // namespace gatewatch::analyzer
