#ifndef GATEWATCH_CLI_SIMULATE_LOOPBACK_H_
#define GATEWATCH_CLI_SIMULATE_LOOPBACK_H_

#include <netinet/in.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::cli {

// What simulations need of a network: all of it stays on the loopback.

// Asks the kernel to connect a socket of that type (SOCK_STREAM …) to port 80
// of an IPv4 address, without waiting for an answer.
absl::Status ConnectTo(const std::string& ip, int type);

// Listens on a free port of the loopback, which is left in `address`.
absl::StatusOr<UniqueFd> ListenOnLoopback(sockaddr_in& address);

// Puts a DNS question for `name` onto the loopback. No resolver need be there:
// it is the question that is looked at. Who asked is found out by the socket,
// which has to stay open for a while.
absl::StatusOr<UniqueFd> AskForName(const std::string& name, uint16_t type);

// Asks a resolver of its own, on a loopback address of its own, for `name`, and
// has it answer with `ip`; gives the asker's socket. PERMISSION_DENIED where
// port 53 may not be used.
absl::StatusOr<UniqueFd> ResolveTo(const std::string& name,
                                   const std::string& ip);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_LOOPBACK_H_
