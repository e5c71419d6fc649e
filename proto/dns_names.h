#ifndef GATEWATCH_PROTO_DNS_NAMES_H_
#define GATEWATCH_PROTO_DNS_NAMES_H_

#include <cstdint>
#include <string>

namespace gatewatch {

// Names of IANA's DNS parameters: "A", "TXT", and "TYPE999" (RFC 3597) for a
// record type without one here; "NXDOMAIN", and "RCODE11".
std::string DnsTypeName(uint32_t type);
std::string DnsReturnCodeName(uint32_t rcode);

}  // namespace gatewatch

#endif  // GATEWATCH_PROTO_DNS_NAMES_H_
