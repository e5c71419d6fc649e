#ifndef GATEWATCH_CHANNEL_CREDENTIALS_H_
#define GATEWATCH_CHANNEL_CREDENTIALS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "channel/address.h"
#include "channel/settings.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/support/channel_arguments.h"

// The settings as gRPC's types. Like gRPC's own headers, for the services,
// the shipper and the command line's client alone.
namespace gatewatch::channel {

// A client's way to the analyzer.
struct Connection {
  std::shared_ptr<grpc::Channel> channel;
  Protection protection = Protection::kPlaintext;  // for ExplainFailure()
};

// For one connection: files are read anew each time, so that what was
// replaced counts. Nothing is sent before the first call. Errors as of
// ProtectionAt() and LoadValidIdentity().
absl::StatusOr<Connection> Connect(const Address& address,
                                   const Settings& settings,
                                   grpc::ChannelArguments arguments);

// Whether a peer with these URIs in its certificate may call a method, such
// as "/gatewatch.v1.QueryService/ListAgents".
using Authorize = std::function<absl::Status(
    const std::vector<std::string>& uris, absl::string_view method)>;

// TLS 1.3 with a certificate of the CA from every peer, and each call as
// `authorize` says, which is called on gRPC's threads. Files that are replaced
// count from the next connection on, unless they are unfit: then the last fit
// ones stay, and the log says so. For one address; before other threads read
// the environment.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const Settings& settings, Authorize authorize);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_CREDENTIALS_H_
