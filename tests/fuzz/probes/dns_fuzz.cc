#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "probes/packet/dns_parser.h"
#include "probes/packet/dns_streams.h"
#include "probes/packet/packet_parser.h"

namespace gatewatch::probes {
namespace {

void CheckMessage(absl::string_view bytes) {
  const auto message = ParseDns(bytes);
  if (!message) return;
  GATEWATCH_CHECK(message->questions.size() <= 8);
  GATEWATCH_CHECK(message->answers.size() <= 64);
  // Each byte of a name may be escaped.
  for (const DnsQuestion& question : message->questions) {
    GATEWATCH_CHECK(!question.name.empty() && question.name.size() <= 510);
  }
  for (const DnsRecord& answer : message->answers) {
    GATEWATCH_CHECK(answer.name.size() <= 510 && answer.text.size() <= 510);
    GATEWATCH_CHECK(answer.ip.empty() || answer.ip.size() == 4 ||
                    answer.ip.size() == 16);
  }
}

// The packet, and what follows it, cut into segments where it says so.
void CheckPackets(absl::string_view bytes) {
  DnsStreams streams;
  while (bytes.size() > 1) {
    const size_t size = static_cast<uint8_t>(bytes[0]);
    const absl::string_view packet = bytes.substr(1, size);
    bytes.remove_prefix(1 + packet.size());
    const auto segment = ParsePacket(packet);
    if (!segment) continue;
    GATEWATCH_CHECK(segment->payload.size() < packet.size());
    for (const std::string& message : streams.Add(*segment)) {
      CheckMessage(message);
    }
    GATEWATCH_CHECK(streams.flows() <= 256);
  }
}

}  // namespace
}  // namespace gatewatch::probes

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  gatewatch::probes::CheckMessage(bytes);
  gatewatch::probes::ParsePacket(bytes);
  gatewatch::probes::CheckPackets(bytes);
  return 0;
}
