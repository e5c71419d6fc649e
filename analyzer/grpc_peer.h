#ifndef GATEWATCH_ANALYZER_GRPC_PEER_H_
#define GATEWATCH_ANALYZER_GRPC_PEER_H_

#include <optional>

#include "absl/status/statusor.h"
#include "channel/peer_name.h"
#include "grpcpp/server_context.h"

namespace gatewatch::analyzer {

// Who calls, as the certificate says; nothing where there is none, which is
// in plaintext. UNAUTHENTICATED: the certificate does not say it. For
// services' sources alone.
absl::StatusOr<std::optional<channel::PeerName>> PeerOf(
    const grpc::ServerContext& context);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_GRPC_PEER_H_
