#include "probes/packet/packet_parser.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "catch2/catch.hpp"
#include "tests/unit/probes/dns_bytes.h"

namespace gatewatch::probes {
namespace {

using namespace testing;  // NOLINT: the verbs of bytes

}  // namespace

TEST_CASE("a datagram is read with its ends and payload", "[packet]") {
  const std::string packet = Ipv4(IPPROTO_UDP, Udp(4000, 53, "payload"));
  const auto segment = ParsePacket(packet);
  REQUIRE(segment);
  CHECK(segment->family == AF_INET);
  CHECK(segment->protocol == IPPROTO_UDP);
  CHECK(segment->source.ip == std::string("\x0a\0\0\1", 4));
  CHECK(segment->source.port == 4000);
  CHECK(segment->destination.ip == std::string("\x0a\0\0\2", 4));
  CHECK(segment->destination.port == 53);
  CHECK(segment->payload == "payload");
  CHECK_FALSE(segment->cut);
}

TEST_CASE("IPv4 options and padding are no payload", "[packet]") {
  const std::string packet =
      Ipv4(IPPROTO_UDP, Udp(4000, 53, "x"), "\1\1\1\1") + "padding";
  const auto segment = ParsePacket(packet);
  REQUIRE(segment);
  CHECK(segment->payload == "x");
}

TEST_CASE("IPv6 is read through its extension headers", "[packet]") {
  const std::string udp = Udp(4000, 53, "x");
  // Hop-by-hop options, then a first fragment, then UDP.
  const std::string hop = std::string("\x2c\0\1\4\0\0\0\0", 8);
  const std::string fragment = std::string("\x11\0\0\0\0\0\0\1", 8);
  const std::string packet = Ipv6(IPPROTO_HOPOPTS, hop + fragment + udp);
  const auto segment = ParsePacket(packet);
  REQUIRE(segment);
  CHECK(segment->family == AF_INET6);
  CHECK(segment->payload == "x");
  CHECK(segment->source.ip.back() == 1);
  CHECK(segment->destination.ip.back() == 2);

  std::string many;
  for (int i = 0; i < 9; ++i) many += std::string("\0\0\1\4\0\0\0\0", 8);
  CHECK_FALSE(ParsePacket(Ipv6(IPPROTO_HOPOPTS, many + udp)));
}

TEST_CASE("a first fragment is marked as cut, a later one is nothing",
          "[packet]") {
  const std::string udp = Udp(4000, 53, "x");
  const std::string first = Ipv4(IPPROTO_UDP, udp, "", 0x2000);
  REQUIRE(ParsePacket(first));
  CHECK(ParsePacket(first)->cut);
  CHECK_FALSE(ParsePacket(Ipv4(IPPROTO_UDP, udp, "", 0x0010)));
}

TEST_CASE("a segment is read with its sequence and flags", "[packet]") {
  const std::string packet =
      Ipv4(IPPROTO_TCP, Tcp(4000, 53, 0xfffffffe, 0x12, "data"));
  const auto segment = ParsePacket(packet);
  REQUIRE(segment);
  CHECK(segment->sequence == 0xfffffffe);
  CHECK(segment->syn);
  CHECK_FALSE(segment->ends);
  CHECK(segment->payload == "data");
  CHECK(ParsePacket(Ipv4(IPPROTO_TCP, Tcp(1, 53, 1, 0x04, "")))->ends);
}

TEST_CASE("a packet cut anywhere is read in bounds or not at all", "[packet]") {
  for (const std::string& packet :
       {Ipv4(IPPROTO_UDP, Udp(4000, 53, "payload")),
        Ipv4(IPPROTO_TCP, Tcp(4000, 53, 1, 0, "payload")),
        Ipv6(IPPROTO_UDP, Udp(4000, 53, "payload"))}) {
    for (size_t size = 0; size < packet.size(); ++size) {
      const auto segment = ParsePacket(packet.substr(0, size));
      CHECK((!segment || segment->cut));
    }
  }
}

TEST_CASE("what is neither UDP nor TCP is nothing", "[packet]") {
  CHECK_FALSE(ParsePacket(Ipv4(IPPROTO_ICMP, std::string(40, 'x'))));
  CHECK_FALSE(ParsePacket(std::string(64, '\x20')));  // IP version 2
  CHECK_FALSE(
      ParsePacket(Ipv4(IPPROTO_UDP, std::string("\0\1\0\2\0\3\0\0", 8))));
}

}  // namespace gatewatch::probes
