// The filter runs where it will run: in the kernel, on a datagram socket whose
// datagrams are the packets.
#include "probes/packet/dns_filter.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/dns_bytes.h"

namespace gatewatch::probes {
namespace {

using namespace testing;  // NOLINT: the verbs of bytes

bool Passes(const std::string& packet) {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                       ends) == 0);
  const UniqueFd sender(ends[0]), receiver(ends[1]);
  std::vector<sock_filter> filter = BuildDnsFilter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           filter.data()};
  REQUIRE(::setsockopt(receiver.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                       sizeof(program)) == 0);
  // One that does not pass is refused to its sender.
  static_cast<void>(::send(sender.get(), packet.data(), packet.size(), 0));
  std::string buffer(1 << 16, '\0');
  const ssize_t got = ::recv(receiver.get(), buffer.data(), buffer.size(), 0);
  CHECK((got < 0 || static_cast<size_t>(got) == packet.size()));
  return got > 0;
}

std::string Options(char next) {
  return std::string(1, next) + std::string("\1\1\4\0\0\0\0", 7) +
         std::string(8, '\0');
}

}  // namespace

TEST_CASE("port 53 at either end passes the filter", "[filter]") {
  CHECK(Passes(Ipv4(IPPROTO_UDP, Udp(4000, 53, "question"))));
  CHECK(Passes(Ipv4(IPPROTO_UDP, Udp(53, 4000, "answer"))));
  CHECK(Passes(Ipv4(IPPROTO_TCP, Tcp(4000, 53, 1, 0, "question"))));
  CHECK(Passes(Ipv6(IPPROTO_UDP, Udp(4000, 53, "question"))));
  CHECK(Passes(Ipv6(IPPROTO_TCP, Tcp(53, 4000, 1, 0, "answer"))));
  CHECK(Passes(Ipv4(IPPROTO_UDP, Udp(4000, 53, std::string(5000, 'x')))));
}

TEST_CASE("headers of any length before the ports pass the filter",
          "[filter]") {
  CHECK(Passes(Ipv4(IPPROTO_UDP, Udp(4000, 53, "x"), std::string(40, '\1'))));
  CHECK(
      Passes(Ipv6(IPPROTO_HOPOPTS, Options(IPPROTO_UDP) + Udp(4000, 53, "x"))));
  CHECK(Passes(Ipv4(IPPROTO_UDP, Udp(4000, 53, "x"), "", 0x2000)));
}

TEST_CASE("everything else stays in the kernel", "[filter]") {
  CHECK_FALSE(Passes(Ipv4(IPPROTO_UDP, Udp(4000, 54, "x"))));
  CHECK_FALSE(Passes(Ipv4(IPPROTO_TCP, Tcp(4000, 443, 53, 0, "x"))));
  CHECK_FALSE(Passes(Ipv4(IPPROTO_ICMP, Udp(4000, 53, "x"))));
  CHECK_FALSE(Passes(Ipv4(IPPROTO_UDP, Udp(4000, 53, "x"), "", 0x0001)));
  CHECK_FALSE(Passes(Ipv6(IPPROTO_ICMPV6, Udp(4000, 53, "x"))));
  CHECK_FALSE(
      Passes(Ipv6(IPPROTO_HOPOPTS, Options(IPPROTO_UDP) + Udp(4000, 54, "x"))));
  CHECK_FALSE(Passes(std::string("\0\1\x08\0\6\4\0\1", 8)));  // ARP
  CHECK_FALSE(Passes(Ipv4(IPPROTO_UDP, "")));
}

}  // namespace gatewatch::probes
