#ifndef GATEWATCH_PROBES_PACKET_PACKET_PARSER_H_
#define GATEWATCH_PROBES_PACKET_PACKET_PARSER_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// A UDP datagram or a TCP segment. `payload` borrows from the packet.
struct Segment {
  uint32_t family = 0;    // AF_INET, AF_INET6
  uint32_t protocol = 0;  // IPPROTO_UDP, IPPROTO_TCP
  Address source;
  Address destination;
  absl::string_view payload;
  // The packet does not hold all of the payload that it announces.
  bool cut = false;
  // TCP only.
  uint32_t sequence = 0;
  bool syn = false;
  bool ends = false;  // FIN or RST
};

// Reads a packet that begins with its IP header, of any content. Nothing for
// what is neither UDP nor TCP, for fragments but the first, and behind more
// than eight extension headers. Checksums are not looked at: on their way out
// packets have none yet.
std::optional<Segment> ParsePacket(absl::string_view packet);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PACKET_PACKET_PARSER_H_
