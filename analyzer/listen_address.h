#ifndef GATEWATCH_ANALYZER_LISTEN_ADDRESS_H_
#define GATEWATCH_ANALYZER_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::analyzer {

// A checked address to listen on.
struct ListenAddress {
  std::string text;       // as gRPC takes it
  std::string host;       // empty: a unix socket
  bool loopback = false;  // reached from this host alone
};

// Takes "HOST:PORT", "[IPv6]:PORT", "unix:/PATH", "unix-abstract:NAME".
// INVALID_ARGUMENT: it is neither. Only literal addresses and "localhost" are
// known to be loopback: what a name resolves to may change.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_LISTEN_ADDRESS_H_
