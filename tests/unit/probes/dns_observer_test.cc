#include "probes/packet/dns_observer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "catch2/catch.hpp"
#include "tests/unit/probes/dns_bytes.h"

namespace gatewatch::probes {
namespace {

using namespace testing;  // NOLINT: the verbs of bytes

constexpr ProcessId kCurl = {42, 4200};
constexpr uint64_t kSecond = 1'000'000'000;

// Packets of a host that asks 10.0.0.2, as 10.0.0.1.
class Fixture {
 public:
  void Ask(uint16_t id, absl::string_view name, uint64_t time_ns = 1) {
    Add(Ipv4(IPPROTO_UDP, Udp(4000, 53, DnsQuery(id, name))), Direction::kOut,
        time_ns);
  }

  // The answer comes from the same packet builder: its addresses swapped.
  void Answer(uint16_t id, absl::string_view name, uint64_t time_ns = 2) {
    const std::string packet =
        Ipv4(IPPROTO_UDP, Udp(53, 4000, DnsAnswer(id, name)));
    auto segment = ParsePacket(packet);
    std::swap(segment->source.ip, segment->destination.ip);
    observer_.Add(*segment, Direction::kIn, time_ns);
  }

  void Add(const std::string& packet, Direction direction, uint64_t time_ns) {
    const auto segment = ParsePacket(packet);
    REQUIRE(segment);
    observer_.Add(*segment, direction, time_ns);
  }

  std::vector<Observation> Take() {
    emitter_.ReportLost();
    const auto taken = queue_.Take(absl::ZeroDuration());
    return {taken.begin(), taken.end()};
  }

  ProcessId owner = kCurl;
  std::vector<Socket> looked_for;

 private:
  ObservationQueue queue_{100};
  Emitter emitter_{queue_};
  DnsObserver observer_{[this](const Socket& socket) {
                          looked_for.push_back(socket);
                          return owner;
                        },
                        emitter_};
};

const DnsMessage& MessageOf(const Observation& observation) {
  return std::get<DnsMessage>(observation.detail);
}

}  // namespace

TEST_CASE("a question belongs to whom its socket does", "[dns]") {
  Fixture fixture;
  fixture.Ask(7, "example.com");
  const auto seen = fixture.Take();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].process == kCurl);
  CHECK(seen[0].tid == kCurl.pid);
  CHECK(seen[0].syscall == "dns");
  CHECK(seen[0].time_ns == 1);
  const Socket& socket = MessageOf(seen[0]).socket;
  CHECK(socket.local.port == 4000);
  CHECK(socket.remote.port == 53);
  CHECK(socket.type == SOCK_DGRAM);
}

TEST_CASE("an answer belongs to whom its question does", "[dns]") {
  Fixture fixture;
  fixture.Ask(7, "example.com");
  fixture.owner = {};  // the socket is closed by now
  fixture.Answer(7, "example.com");
  const auto seen = fixture.Take();
  REQUIRE(seen.size() == 2);
  CHECK(seen[1].process == kCurl);
  CHECK(MessageOf(seen[1]).solicited);
  CHECK(MessageOf(seen[1]).socket.local.port == 4000);
  CHECK(fixture.looked_for.size() == 1);
}

TEST_CASE("an answer that nobody asked for is told from one", "[dns]") {
  Fixture fixture;
  fixture.Ask(7, "example.com");
  SECTION("another id") { fixture.Answer(8, "example.com"); }
  SECTION("another name") { fixture.Answer(7, "example.org"); }
  SECTION("too late") { fixture.Answer(7, "example.com", 40 * kSecond); }
  SECTION("a second one") {
    fixture.Answer(7, "example.com");
    CHECK(MessageOf(fixture.Take().back()).solicited);
    fixture.Answer(7, "example.com");
  }
  CHECK_FALSE(MessageOf(fixture.Take().back()).solicited);
}

TEST_CASE("on the loopback interface the local end is the one that asks",
          "[dns]") {
  Fixture fixture;
  fixture.Add(Ipv4(IPPROTO_UDP, Udp(4000, 53, DnsQuery(1, "a"))),
              Direction::kLoopback, 1);
  fixture.Add(Ipv4(IPPROTO_UDP, Udp(53, 4000, DnsAnswer(2, "a"))),
              Direction::kLoopback, 2);
  const auto seen = fixture.Take();
  REQUIRE(seen.size() == 2);
  CHECK(MessageOf(seen[0]).socket.local.port == 4000);
  CHECK(MessageOf(seen[1]).socket.local.port == 4000);
}

TEST_CASE("a question to this host belongs to its server", "[dns]") {
  Fixture fixture;
  fixture.Add(Ipv4(IPPROTO_UDP, Udp(4000, 53, DnsQuery(1, "a"))),
              Direction::kIn, 1);
  REQUIRE(fixture.looked_for.size() == 1);
  CHECK(fixture.looked_for[0].local.port == 53);
}

TEST_CASE("a question over TCP is observed when it is whole", "[dns]") {
  Fixture fixture;
  const std::string query = DnsQuery(1, "example.com");
  const std::string framed =
      Bytes16(static_cast<uint16_t>(query.size())) + query;
  fixture.Add(Ipv4(IPPROTO_TCP, Tcp(4000, 53, 1, 0, framed.substr(0, 5))),
              Direction::kOut, 1);
  CHECK(fixture.Take().empty());
  fixture.Add(Ipv4(IPPROTO_TCP, Tcp(4000, 53, 6, 0, framed.substr(5))),
              Direction::kOut, 2);
  const auto seen = fixture.Take();
  REQUIRE(seen.size() == 1);
  CHECK(MessageOf(seen[0]).socket.protocol == IPPROTO_TCP);
}

TEST_CASE("what is no DNS on its port is told as a loss", "[dns]") {
  Fixture fixture;
  for (int i = 0; i < 3; ++i) {
    fixture.Add(Ipv4(IPPROTO_UDP, Udp(4000, 53, "a tunnel")), Direction::kOut,
                1);
  }
  const auto seen = fixture.Take();
  REQUIRE(seen.size() == 1);
  const auto& lost = std::get<ObservationsLost>(seen[0].detail);
  REQUIRE(lost.counts.size() == 1);
  CHECK(lost.counts[0].syscall == "dns");
  CHECK(lost.counts[0].count == 3);
}

TEST_CASE("questions beyond the limit forget the oldest", "[dns]") {
  Fixture fixture;
  for (uint16_t id = 0; id < 1100; ++id) {
    fixture.Ask(id, "example.com", 1 + id);
    fixture.Take();
  }
  fixture.Answer(0, "example.com", 1200);
  CHECK_FALSE(MessageOf(fixture.Take().back()).solicited);
  fixture.Answer(1099, "example.com", 1200);
  CHECK(MessageOf(fixture.Take().back()).solicited);
}

}  // namespace gatewatch::probes
