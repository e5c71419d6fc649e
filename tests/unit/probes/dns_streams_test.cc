#include "probes/packet/dns_streams.h"

#include "catch2/catch.hpp"
#include "tests/unit/probes/dns_bytes.h"

namespace gatewatch::probes {
namespace {

using testing::Bytes16;
using Messages = std::vector<std::string>;

std::string Framed(const std::string& message) {
  return Bytes16(static_cast<uint16_t>(message.size())) + message;
}

Segment At(uint32_t sequence, absl::string_view payload,
           uint16_t source_port = 4000) {
  Segment segment;
  segment.source = {"aaaa", source_port, ""};
  segment.destination = {"bbbb", 53, ""};
  segment.sequence = sequence;
  segment.payload = payload;
  return segment;
}

Segment Syn(uint32_t sequence) {
  Segment segment = At(sequence, "");
  segment.syn = true;
  return segment;
}

Segment Fin(uint32_t sequence) {
  Segment segment = At(sequence, "");
  segment.ends = true;
  return segment;
}

}  // namespace

TEST_CASE("messages are found behind their lengths", "[streams]") {
  DnsStreams streams;
  CHECK(streams.Add(Syn(99)).empty());
  const std::string two = Framed("first") + Framed("second");
  CHECK(streams.Add(At(100, two)) == Messages{"first", "second"});
  CHECK(streams.dropped() == 0);
}

TEST_CASE("a message in pieces of a byte is put together", "[streams]") {
  DnsStreams streams;
  streams.Add(Syn(0xfffffffd));  // its numbers wrap
  const std::string framed = Framed("message");
  Messages found;
  for (size_t i = 0; i < framed.size(); ++i) {
    const Messages some = streams.Add(
        At(0xfffffffe + static_cast<uint32_t>(i), framed.substr(i, 1)));
    found.insert(found.end(), some.begin(), some.end());
  }
  CHECK(found == Messages{"message"});
}

TEST_CASE("what was sent again is read once", "[streams]") {
  DnsStreams streams;
  streams.Add(Syn(99));
  const std::string first = Framed("first");
  const std::string both = first + Framed("second");
  CHECK(streams.Add(At(100, first)) == Messages{"first"});
  CHECK(streams.Add(At(100, first)).empty());
  CHECK(streams.Add(At(100, both)) == Messages{"second"});
  CHECK(streams.dropped() == 0);
}

TEST_CASE("after a gap the next segment is taken to begin a message",
          "[streams]") {
  DnsStreams streams;
  streams.Add(Syn(99));
  CHECK(streams.Add(At(100, Framed("first").substr(0, 4))).empty());
  const std::string later = Framed("later");
  CHECK(streams.Add(At(200, later)) == Messages{"later"});
  CHECK(streams.dropped() == 1);
}

TEST_CASE("a length beyond the limit is not waited for", "[streams]") {
  DnsStreams streams;
  CHECK(streams.Add(At(100, "\xff\xff")).empty());
  CHECK(streams.dropped() == 1);
  CHECK(streams.Add(At(102, Framed("next"))) == Messages{"next"});
}

TEST_CASE("a connection's end forgets it", "[streams]") {
  DnsStreams streams;
  streams.Add(Syn(99));
  streams.Add(At(100, Framed("unfinished").substr(0, 5)));
  CHECK(streams.flows() == 1);
  streams.Add(Fin(105));
  CHECK(streams.flows() == 0);
  CHECK(streams.dropped() == 1);
  streams.Add(Fin(105));
  CHECK(streams.flows() == 0);
}

TEST_CASE("more flows than there is room for drop the oldest", "[streams]") {
  DnsStreams streams;
  for (uint16_t port = 1; port <= 1000; ++port) {
    streams.Add(At(1, Framed("begun").substr(0, 3), port));
  }
  CHECK(streams.flows() == 256);
  CHECK(streams.dropped() == 1000 - 256);
  // The youngest is still there.
  CHECK(streams.Add(At(4, Framed("begun").substr(3), 1000)) ==
        Messages{"begun"});
}

}  // namespace gatewatch::probes
