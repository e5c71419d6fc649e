#include "probes/packet/packet_parser.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace gatewatch::probes {
namespace {

constexpr size_t kIpv4HeaderSize = 20;
constexpr size_t kIpv6HeaderSize = 40;
constexpr size_t kUdpHeaderSize = 8;
constexpr size_t kTcpHeaderSize = 20;
constexpr int kMaxExtensionHeaders = 8;

// Callers make sure that the bytes are there.
uint8_t At8(absl::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}
uint16_t At16(absl::string_view bytes, size_t at) {
  return static_cast<uint16_t>(At8(bytes, at) << 8 | At8(bytes, at + 1));
}
uint32_t At32(absl::string_view bytes, size_t at) {
  return uint32_t{At16(bytes, at)} << 16 | At16(bytes, at + 2);
}

// Leaves what the header says belongs to the packet. A length of 0 is one
// that does not fit the field (segmentation offload): all is meant.
void Trim(size_t announced, absl::string_view& bytes, Segment& segment) {
  if (announced == 0) return;
  segment.cut |= announced > bytes.size();
  bytes = bytes.substr(0, announced);
}

// Removes the IP header from `bytes`; false when there is no first fragment
// of UDP or TCP behind it.
bool ReadIpv4(absl::string_view& bytes, Segment& segment) {
  if (bytes.size() < kIpv4HeaderSize) return false;
  const size_t header = (At8(bytes, 0) & 0xfu) * size_t{4};
  const uint16_t fragment = At16(bytes, 6);
  if (header < kIpv4HeaderSize || (fragment & 0x1fff) != 0) return false;
  segment.family = AF_INET;
  segment.cut = (fragment & 0x2000) != 0;
  segment.protocol = At8(bytes, 9);
  segment.source.ip = std::string(bytes.substr(12, 4));
  segment.destination.ip = std::string(bytes.substr(16, 4));
  Trim(At16(bytes, 2), bytes, segment);
  if (bytes.size() < header) return false;
  bytes.remove_prefix(header);
  return true;
}

// Removes one extension header (RFC 8200, 4); false when it is none or leads
// to nothing that can be read.
bool SkipExtension(absl::string_view& bytes, Segment& segment) {
  if (bytes.size() < 8) return false;
  size_t size = 8;
  switch (segment.protocol) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
      size = (At8(bytes, 1) + size_t{1}) * 8;
      break;
    case IPPROTO_FRAGMENT:
      if ((At16(bytes, 2) & 0xfff8) != 0) return false;
      segment.cut |= (At16(bytes, 2) & 1) != 0;
      break;
    default:
      return false;
  }
  if (bytes.size() < size) return false;
  segment.protocol = At8(bytes, 0);
  bytes.remove_prefix(size);
  return true;
}

bool IsTransport(uint32_t protocol) {
  return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP;
}

bool ReadIpv6(absl::string_view& bytes, Segment& segment) {
  if (bytes.size() < kIpv6HeaderSize) return false;
  segment.family = AF_INET6;
  segment.protocol = At8(bytes, 6);
  segment.source.ip = std::string(bytes.substr(8, 16));
  segment.destination.ip = std::string(bytes.substr(24, 16));
  const size_t announced = At16(bytes, 4);
  bytes.remove_prefix(kIpv6HeaderSize);
  Trim(announced, bytes, segment);
  for (int i = 0; !IsTransport(segment.protocol); ++i) {
    if (i == kMaxExtensionHeaders || !SkipExtension(bytes, segment)) {
      return false;
    }
  }
  return true;
}

bool ReadUdp(absl::string_view bytes, Segment& segment) {
  if (bytes.size() < kUdpHeaderSize) return false;
  const size_t length = At16(bytes, 4);
  if (length != 0 && length < kUdpHeaderSize) return false;
  Trim(length, bytes, segment);
  segment.payload = bytes.substr(kUdpHeaderSize);
  return true;
}

bool ReadTcp(absl::string_view bytes, Segment& segment) {
  if (bytes.size() < kTcpHeaderSize) return false;
  const size_t header = (At8(bytes, 12) >> 4) * size_t{4};
  if (header < kTcpHeaderSize || bytes.size() < header) return false;
  segment.sequence = At32(bytes, 4);
  const uint8_t flags = At8(bytes, 13);
  segment.syn = (flags & 0x02) != 0;
  segment.ends = (flags & 0x05) != 0;
  segment.payload = bytes.substr(header);
  return true;
}

}  // namespace

std::optional<Segment> ParsePacket(absl::string_view packet) {
  if (packet.empty()) return std::nullopt;
  Segment segment;
  const int version = At8(packet, 0) >> 4;
  const bool ip = version == 4   ? ReadIpv4(packet, segment)
                  : version == 6 ? ReadIpv6(packet, segment)
                                 : false;
  if (!ip || !IsTransport(segment.protocol) || packet.size() < 4) {
    return std::nullopt;
  }
  segment.source.port = At16(packet, 0);
  segment.destination.port = At16(packet, 2);
  const bool good = segment.protocol == IPPROTO_UDP ? ReadUdp(packet, segment)
                                                    : ReadTcp(packet, segment);
  if (!good) return std::nullopt;
  return segment;
}

}  // namespace gatewatch::probes
