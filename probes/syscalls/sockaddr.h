#ifndef GATEWATCH_PROBES_SYSCALLS_SOCKADDR_H_
#define GATEWATCH_PROBES_SYSCALLS_SOCKADDR_H_

#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::probes {

struct ParsedSockaddr {
  uint32_t family = 0;  // 0: too short to tell
  Address address;      // empty for families other than inet, inet6, unix
};

// Reads a struct sockaddr from bytes of any length and content (ip(7),
// ipv6(7), unix(7)). An IPv4 address mapped into IPv6 is given as IPv4.
ParsedSockaddr ParseSockaddr(absl::string_view bytes);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_SOCKADDR_H_
