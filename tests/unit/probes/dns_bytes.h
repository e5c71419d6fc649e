#ifndef GATEWATCH_TESTS_UNIT_PROBES_DNS_BYTES_H_
#define GATEWATCH_TESTS_UNIT_PROBES_DNS_BYTES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::testing {

// Bytes of DNS messages and of the packets that carry them.

std::string Bytes16(uint16_t value);  // network order
std::string Bytes32(uint32_t value);

// "www.example" as labels, with the root at the end.
std::string DnsName(absl::string_view name);
// Flags: 0x0100 is a question, 0x8180 an answer.
std::string DnsHeader(uint16_t id, uint16_t flags, uint16_t questions,
                      uint16_t answers);
std::string DnsQuery(uint16_t id, absl::string_view name, uint16_t type = 1);
// A record whose name is the question's, by reference.
std::string DnsRecordBytes(uint16_t type, uint32_t ttl, absl::string_view data);
// The answer to DnsQuery(): an A record.
std::string DnsAnswer(uint16_t id, absl::string_view name,
                      absl::string_view ip = absl::string_view("\1\2\3\4", 4));

// An IPv4 packet from 10.0.0.1 to 10.0.0.2.
std::string Ipv4(uint8_t protocol, absl::string_view payload,
                 absl::string_view options = "", uint16_t fragment = 0);
std::string Ipv6(uint8_t next_header, absl::string_view payload);
std::string Udp(uint16_t source, uint16_t destination,
                absl::string_view payload);
std::string Tcp(uint16_t source, uint16_t destination, uint32_t sequence,
                uint8_t flags, absl::string_view payload);

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_PROBES_DNS_BYTES_H_
