#include "tests/unit/probes/dns_bytes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatewatch::testing {
namespace {

std::string Byte(size_t value) {
  return std::string(1, static_cast<char>(value));
}

}  // namespace

std::string Bytes16(uint16_t value) {
  return Byte(value >> 8) + Byte(value & 0xff);
}

std::string Bytes32(uint32_t value) {
  return Bytes16(static_cast<uint16_t>(value >> 16)) +
         Bytes16(static_cast<uint16_t>(value));
}

std::string DnsName(absl::string_view name) {
  std::string bytes;
  for (const absl::string_view label : absl::StrSplit(name, '.')) {
    if (!label.empty()) absl::StrAppend(&bytes, Byte(label.size()), label);
  }
  return bytes + Byte(0);
}

std::string DnsHeader(uint16_t id, uint16_t flags, uint16_t questions,
                      uint16_t answers) {
  return Bytes16(id) + Bytes16(flags) + Bytes16(questions) + Bytes16(answers) +
         Bytes32(0);
}

std::string DnsQuery(uint16_t id, absl::string_view name, uint16_t type) {
  return DnsHeader(id, 0x0100, 1, 0) + DnsName(name) + Bytes16(type) +
         Bytes16(1);
}

std::string DnsRecordBytes(uint16_t type, uint32_t ttl,
                           absl::string_view data) {
  return absl::StrCat(Bytes16(0xc00c), Bytes16(type), Bytes16(1), Bytes32(ttl),
                      Bytes16(static_cast<uint16_t>(data.size())), data);
}

std::string DnsAnswer(uint16_t id, absl::string_view name,
                      absl::string_view ip) {
  return DnsHeader(id, 0x8180, 1, 1) + DnsName(name) + Bytes16(1) + Bytes16(1) +
         DnsRecordBytes(1, 60, ip);
}

std::string Ipv4(uint8_t protocol, absl::string_view payload,
                 absl::string_view options, uint16_t fragment) {
  const size_t header = 20 + options.size();
  return absl::StrCat(Byte(0x40 + header / 4), Byte(0),
                      Bytes16(static_cast<uint16_t>(header + payload.size())),
                      Bytes16(0), Bytes16(fragment), Byte(64), Byte(protocol),
                      Bytes16(0), Bytes32(0x0a000001), Bytes32(0x0a000002),
                      options, payload);
}

std::string Ipv6(uint8_t next_header, absl::string_view payload) {
  return absl::StrCat(Bytes32(0x60000000),
                      Bytes16(static_cast<uint16_t>(payload.size())),
                      Byte(next_header), Byte(64), std::string(15, '\0'),
                      Byte(1), std::string(15, '\0'), Byte(2), payload);
}

std::string Udp(uint16_t source, uint16_t destination,
                absl::string_view payload) {
  return absl::StrCat(Bytes16(source), Bytes16(destination),
                      Bytes16(static_cast<uint16_t>(8 + payload.size())),
                      Bytes16(0), payload);
}

std::string Tcp(uint16_t source, uint16_t destination, uint32_t sequence,
                uint8_t flags, absl::string_view payload) {
  return absl::StrCat(Bytes16(source), Bytes16(destination), Bytes32(sequence),
                      Bytes32(0), Byte(0x50), Byte(flags), Bytes16(1000),
                      Bytes32(0), payload);
}

}  // namespace gatewatch::testing
