#ifndef GATEWATCH_PROBES_PACKET_DNS_FILTER_H_
#define GATEWATCH_PROBES_PACKET_DNS_FILTER_H_

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace gatewatch::probes {

// The port of DNS.
inline constexpr uint16_t kDnsPort = 53;

// A socket filter (bpf(4)'s classic language) for packets that begin with
// their IP header: passes UDP and TCP from or to port 53 over IPv4 and IPv6,
// IPv4 options and one IPv6 extension header (hop-by-hop, routing or
// destination) included, and of what the loopback interface carries the
// incoming copy. What it does not pass: fragments but an IPv4 datagram's
// first, IPv6 fragments, packets behind several extension headers.
std::vector<sock_filter> BuildDnsFilter();

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PACKET_DNS_FILTER_H_
