#ifndef GATEWATCH_CHANNEL_ADDRESS_H_
#define GATEWATCH_CHANNEL_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::channel {

// A checked address to listen on or to connect to.
struct Address {
  std::string text;     // as gRPC takes it
  std::string host;     // empty: a unix socket
  uint32_t port = 0;    // of a host; 0: any, for who listens
  bool local = false;   // reached from this host alone
  bool socket = false;  // a unix socket in the file system, which guards it
};

// Takes "HOST:PORT", "[IPv6]:PORT", "unix:/PATH", "unix-abstract:NAME".
// INVALID_ARGUMENT: it is none of them. Only literal addresses and
// "localhost" are known to be local: what a name resolves to may change.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_ADDRESS_H_
