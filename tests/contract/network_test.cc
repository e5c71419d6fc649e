#include <netinet/in.h>
#include <sys/socket.h>

#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

const std::string kLoopback("\x7f\0\0\1", 4);

const Socket* SocketOf(const Observed& seen, absl::string_view syscall) {
  for (const Observation* observation : seen.Of<SocketCalled>()) {
    if (observation->syscall == syscall) {
      return &std::get<SocketCalled>(observation->detail).socket;
    }
  }
  return nullptr;
}

}  // namespace

TEST_CASE("each call on a socket is seen with its addresses", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {Program("network_calls")});
  REQUIRE(seen.status == 0);

  const Socket* bound = SocketOf(seen, "bind");
  REQUIRE(bound != nullptr);
  CHECK(bound->local.ip == kLoopback);
  CHECK(bound->family == AF_INET);
  CHECK(bound->type == SOCK_STREAM);

  const Socket* listening = SocketOf(seen, "listen");
  REQUIRE(listening != nullptr);
  const uint16_t port = listening->local.port;
  CHECK(port != 0);

  const Socket* connected = SocketOf(seen, "connect");
  REQUIRE(connected != nullptr);
  CHECK(connected->remote.ip == kLoopback);
  CHECK(connected->remote.port == port);

  const Socket* accepting = SocketOf(seen, "accept4");
  REQUIRE(accepting != nullptr);
  CHECK(accepting->local.port == port);

  const Socket* datagram = SocketOf(seen, "sendto");
  REQUIRE(datagram != nullptr);
  CHECK(datagram->type == SOCK_DGRAM);
  CHECK(datagram->remote.port == port);

  const Socket* raw = SocketOf(seen, "socket");
  REQUIRE(raw != nullptr);
  CHECK(raw->family == AF_PACKET);

  const auto dups = seen.Of<DescriptorDuplicated>();
  REQUIRE(dups.size() == 1);
  const auto& dup = std::get<DescriptorDuplicated>(dups[0]->detail);
  CHECK(dup.new_fd == 0);
  REQUIRE(dup.descriptor.socket.has_value());
  CHECK(dup.descriptor.socket->remote.port == port);
}

}  // namespace gatewatch::testing
