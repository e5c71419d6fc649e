#include "probes/procfs/socket_poller.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.h"
#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

class Fixture {
 public:
  // What a round tells of this process.
  std::vector<Observation> Poll() {
    poller_.Poll();
    std::vector<Observation> ours;
    for (Observation& observation : queue_.Take(absl::ZeroDuration())) {
      if (observation.process.pid == ::getpid()) {
        ours.push_back(std::move(observation));
      }
    }
    return ours;
  }

  bool covered = false;

 private:
  ObservationQueue queue_{10'000};
  Emitter emitter_{queue_};
  const ProcReader proc_;
  SocketLister sockets_;
  SocketOwners owners_{proc_};
  SocketPoller poller_{sockets_, owners_,
                       [this](const ProcessId&) { return covered; }, emitter_};
};

UniqueFd Listen(sockaddr_in& address) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  REQUIRE(::bind(fd.get(), name, size) == 0);
  REQUIRE(::listen(fd.get(), 4) == 0);
  REQUIRE(::getsockname(fd.get(), name, &size) == 0);
  return fd;
}

UniqueFd Connect(const sockaddr_in& address, int type) {
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof(address)) == 0);
  return fd;
}

const Socket& SocketOf(const Observation& observation) {
  return std::get<SocketCalled>(observation.detail).socket;
}

}  // namespace

TEST_CASE("a socket that comes to listen is told with its process",
          "[sockets]") {
  Fixture fixture;
  sockaddr_in before, address;
  const UniqueFd old = Listen(before);
  CHECK(fixture.Poll().empty());  // it listened before
  const UniqueFd listener = Listen(address);
  const auto seen = fixture.Poll();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].syscall == "listen");
  CHECK(SocketOf(seen[0]).local.port == ntohs(address.sin_port));
  CHECK(SocketOf(seen[0]).type == SOCK_STREAM);
  CHECK(fixture.Poll().empty());
}

TEST_CASE("both ends of a connection are told as what they are", "[sockets]") {
  Fixture fixture;
  sockaddr_in address;
  const UniqueFd listener = Listen(address);
  fixture.Poll();
  const UniqueFd client = Connect(address, SOCK_STREAM);
  const UniqueFd server(
      ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(server.valid());
  auto seen = fixture.Poll();
  REQUIRE(seen.size() == 2);
  if (seen[0].syscall == "connect") std::swap(seen[0], seen[1]);
  CHECK(seen[0].syscall == "accept");
  CHECK(SocketOf(seen[0]).local.port == ntohs(address.sin_port));
  CHECK(seen[1].syscall == "connect");
  CHECK(SocketOf(seen[1]).remote.port == ntohs(address.sin_port));
  CHECK(seen[1].outcome.status == OutcomeStatus::kSucceeded);
}

TEST_CASE("a datagram socket is told when it gets a peer", "[sockets]") {
  Fixture fixture;
  fixture.Poll();
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  peer.sin_port = htons(9);
  const UniqueFd first = Connect(peer, SOCK_DGRAM);
  CHECK(fixture.Poll().size() == 1);
  peer.sin_port = htons(10);
  REQUIRE(::connect(first.get(), reinterpret_cast<sockaddr*>(&peer),
                    sizeof(peer)) == 0);
  const auto seen = fixture.Poll();
  REQUIRE(seen.size() == 1);
  CHECK(SocketOf(seen[0]).remote.port == 10);
}

TEST_CASE("nothing is told of a covered process's sockets", "[sockets]") {
  Fixture fixture;
  fixture.covered = true;
  fixture.Poll();
  sockaddr_in address;
  const UniqueFd listener = Listen(address);
  CHECK(fixture.Poll().empty());
}

}  // namespace gatewatch::probes
