#include "probes/syscalls/sockaddr.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

template <typename Struct>
std::string BytesOf(const Struct& address) {
  return {reinterpret_cast<const char*>(&address), sizeof(address)};
}

std::string Inet(const char* ip, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  REQUIRE(::inet_pton(AF_INET, ip, &address.sin_addr) == 1);
  return BytesOf(address);
}

std::string Inet6(const char* ip, uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  REQUIRE(::inet_pton(AF_INET6, ip, &address.sin6_addr) == 1);
  return BytesOf(address);
}

std::string Unix(absl::string_view name) {
  sa_family_t family = AF_UNIX;
  return BytesOf(family) + std::string(name);
}

std::string Text(const std::string& ip) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(ip.size() == 4 ? AF_INET : AF_INET6, ip.data(), text,
              sizeof(text));
  return text;
}

}  // namespace

TEST_CASE("an IPv4 address gives ip and port", "[sockaddr]") {
  const ParsedSockaddr parsed = ParseSockaddr(Inet("169.254.170.2", 80));
  CHECK(parsed.family == AF_INET);
  REQUIRE(parsed.address.ip.size() == 4);
  CHECK(Text(parsed.address.ip) == "169.254.170.2");
  CHECK(parsed.address.port == 80);
  CHECK(parsed.address.path.empty());
}

TEST_CASE("an IPv6 address gives ip and port", "[sockaddr]") {
  const ParsedSockaddr parsed = ParseSockaddr(Inet6("fd00:ec2::254", 65535));
  CHECK(parsed.family == AF_INET6);
  REQUIRE(parsed.address.ip.size() == 16);
  CHECK(Text(parsed.address.ip) == "fd00:ec2::254");
  CHECK(parsed.address.port == 65535);
}

TEST_CASE("IPv4 mapped into IPv6 is given as IPv4", "[sockaddr]") {
  const ParsedSockaddr parsed = ParseSockaddr(Inet6("::ffff:10.1.2.3", 443));
  CHECK(parsed.family == AF_INET6);
  REQUIRE(parsed.address.ip.size() == 4);
  CHECK(Text(parsed.address.ip) == "10.1.2.3");
  CHECK(parsed.address.port == 443);
  CHECK(ParseSockaddr(Inet6("::10.1.2.3", 443)).address.ip.size() == 16);
}

TEST_CASE("an IPv6 address may lack its scope", "[sockaddr]") {
  const std::string bytes = Inet6("2001:db8::1", 53);
  const size_t shortest = offsetof(sockaddr_in6, sin6_scope_id);
  const auto enough = ParseSockaddr(bytes.substr(0, shortest));
  CHECK(Text(enough.address.ip) == "2001:db8::1");
  CHECK(enough.address.port == 53);
  const auto cut = ParseSockaddr(bytes.substr(0, shortest - 1));
  CHECK(cut.family == AF_INET6);
  CHECK(cut.address.ip.empty());
}

TEST_CASE("a cut IPv4 address has a family and no address", "[sockaddr]") {
  const std::string bytes = Inet("10.0.0.1", 80);
  for (size_t size = sizeof(sa_family_t); size < bytes.size(); ++size) {
    const ParsedSockaddr parsed = ParseSockaddr(bytes.substr(0, size));
    CHECK(parsed.family == AF_INET);
    CHECK(parsed.address.ip.empty());
    CHECK(parsed.address.port == 0);
  }
}

TEST_CASE("bytes after an address are not part of it", "[sockaddr]") {
  const auto parsed =
      ParseSockaddr(Inet("10.0.0.1", 80) + std::string(99, 'x'));
  CHECK(Text(parsed.address.ip) == "10.0.0.1");
}

TEST_CASE("too few bytes for a family give none", "[sockaddr]") {
  CHECK(ParseSockaddr("").family == 0);
  CHECK(ParseSockaddr("\x02").family == 0);
}

TEST_CASE("a unix path ends at its NUL or its length", "[sockaddr]") {
  CHECK(ParseSockaddr(Unix("/run/docker.sock")).address.path ==
        "/run/docker.sock");
  CHECK(
      ParseSockaddr(Unix(absl::string_view("/a\0garbage", 10))).address.path ==
      "/a");
  const std::string longest(sizeof(sockaddr_un::sun_path), 'p');
  CHECK(ParseSockaddr(Unix(longest)).address.path == longest);
  CHECK(ParseSockaddr(Unix(longest + "more")).address.path == longest);
}

TEST_CASE("an abstract unix name keeps its NULs", "[sockaddr]") {
  const std::string name("\0agent\0x\0", 9);
  const ParsedSockaddr parsed = ParseSockaddr(Unix(name));
  CHECK(parsed.family == AF_UNIX);
  CHECK(parsed.address.path == name);
}

TEST_CASE("an unnamed unix address has no path", "[sockaddr]") {
  const ParsedSockaddr parsed = ParseSockaddr(Unix(""));
  CHECK(parsed.family == AF_UNIX);
  CHECK(parsed.address.path.empty());
}

TEST_CASE("other families are named and not read", "[sockaddr]") {
  sockaddr_nl netlink{};
  netlink.nl_family = AF_NETLINK;
  sockaddr_ll packet{};
  packet.sll_family = AF_PACKET;
  sockaddr unspecified{};
  sockaddr unheard_of{};
  unheard_of.sa_family = 0xffff;
  for (const std::string& bytes : {BytesOf(netlink), BytesOf(packet),
                                   BytesOf(unspecified), BytesOf(unheard_of)}) {
    const ParsedSockaddr parsed = ParseSockaddr(bytes);
    sa_family_t family;
    memcpy(&family, bytes.data(), sizeof(family));
    CHECK(parsed.family == family);
    CHECK(parsed.address.ip.empty());
    CHECK(parsed.address.path.empty());
    CHECK(parsed.address.port == 0);
  }
}

}  // namespace gatewatch::probes
