#include "channel/peer_name.h"

#include "catch2/catch.hpp"

namespace gatewatch::channel {

TEST_CASE("a peer's name is read from its URI and written as it was",
          "[channel][name]") {
  for (const char* uri : {"gatewatch://agent/web-1", "gatewatch://agent/ecs/*",
                          "gatewatch://agent/*", "gatewatch://analyst/alice",
                          "gatewatch://agent/pod/shop/cart-5d8"}) {
    INFO(uri);
    const auto peer = ParsePeerName(uri);
    REQUIRE(peer.ok());
    CHECK(ToUri(*peer) == uri);
  }
}

TEST_CASE("what is no peer's name is refused", "[channel][name]") {
  const std::string too_long(257, 'x');
  for (const std::string& uri :
       {std::string(), std::string("gatewatch://agent/"),
        std::string("gatewatch://agent"), std::string("gatewatch://root/x"),
        std::string("gatewatch:/agent/x"), std::string("https://agent/x"),
        std::string("GATEWATCH://agent/x"),
        std::string("gatewatch://agent/a b"),
        std::string("gatewatch://agent/a\n"),
        std::string("gatewatch://agent/a\0b", 21),
        std::string("gatewatch://agent/\xff"),
        std::string("gatewatch://agent/a*b"),
        std::string("gatewatch://agent/**"),
        std::string("gatewatch://analyst/*"),
        "gatewatch://agent/" + too_long}) {
    INFO(uri);
    CHECK(absl::IsInvalidArgument(ParsePeerName(uri).status()));
  }
}

TEST_CASE("a certificate names one peer among other names", "[channel][name]") {
  const auto peer =
      PeerNameIn({"spiffe://example.org/web", "gatewatch://agent/web-1"});
  REQUIRE(peer.ok());
  CHECK(*peer == PeerName{Role::kAgent, "web-1"});
}

TEST_CASE("a certificate that names no peer, or two, is none's",
          "[channel][name]") {
  for (const std::vector<std::string>& uris :
       std::vector<std::vector<std::string>>{
           {},
           {"spiffe://example.org/web"},
           {"gatewatch://agent/a b"},
           {"gatewatch://agent/a", "gatewatch://analyst/a"}}) {
    CHECK(absl::IsUnauthenticated(PeerNameIn(uris).status()));
  }
}

TEST_CASE("an agent may report as what its certificate names",
          "[channel][name]") {
  struct Row {
    const char* uri;
    const char* agent_id;
    bool may;
  };
  const Row rows[] = {
      {"gatewatch://agent/web-1", "web-1", true},
      {"gatewatch://agent/web-1", "web-10", false},
      {"gatewatch://agent/web-1", "web-2", false},
      {"gatewatch://agent/web-1", "", false},
      {"gatewatch://agent/ecs/*", "ecs/abc-1", true},
      {"gatewatch://agent/ecs/*", "ecs/", true},
      {"gatewatch://agent/ecs/*", "ecs", false},
      {"gatewatch://agent/ecs/*", "pod/shop/cart", false},
      {"gatewatch://agent/*", "anything", true},
      {"gatewatch://analyst/web-1", "web-1", false},
  };
  for (const Row& row : rows) {
    INFO(row.uri << " as " << row.agent_id);
    const auto peer = ParsePeerName(row.uri);
    REQUIRE(peer.ok());
    CHECK(MayReportAs(*peer, row.agent_id) == row.may);
  }
}

}  // namespace gatewatch::channel
