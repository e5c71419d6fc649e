#ifndef GATEWATCH_CHANNEL_HANDSHAKE_FAILURE_H_
#define GATEWATCH_CHANNEL_HANDSHAKE_FAILURE_H_

#include "absl/status/status.h"
#include "channel/settings.h"

namespace gatewatch::channel {

// What a call's end means to a client, when it is that no connection came
// about: with TLS 1.3 a server judges a certificate after the client has
// finished, and gRPC does not pass on what it says.
//
// UNAUTHENTICATED: one end does not take the other's certificate.
// FAILED_PRECONDITION: one end speaks TLS and the other does not. Both with
// what to do. Any other status is returned as it is.
absl::Status ExplainFailure(const absl::Status& status, Protection protection);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_HANDSHAKE_FAILURE_H_
