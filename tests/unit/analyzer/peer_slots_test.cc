#include "analyzer/peer_slots.h"

#include "absl/strings/match.h"
#include "catch2/catch.hpp"

namespace gatewatch::analyzer {

TEST_CASE("places beyond the limit in all are refused until one is free",
          "[analyzer][limits]") {
  PeerSlots slots("streams", {2, "--in-all"}, {2, "--of-each"});
  auto first = slots.Take("a");
  auto second = slots.Take("");
  REQUIRE((first.ok() && second.ok()));
  const absl::Status refused = slots.Take("b").status();
  CHECK(absl::IsResourceExhausted(refused));
  CHECK(absl::StrContains(refused.message(), "--in-all"));
  first->reset();
  CHECK(slots.Take("b").ok());
}

TEST_CASE("one peer cannot take the places of all", "[analyzer][limits]") {
  PeerSlots slots("streams", {10, "--in-all"}, {1, "--of-each"});
  auto first = slots.Take("a");
  REQUIRE(first.ok());
  const absl::Status refused = slots.Take("a").status();
  CHECK(absl::IsResourceExhausted(refused));
  CHECK(absl::StrContains(refused.message(), "--of-each"));
  CHECK(slots.Take("b").ok());
  first->reset();
  CHECK(slots.Take("a").ok());
}

TEST_CASE("peers without a name share the limit in all alone",
          "[analyzer][limits]") {
  PeerSlots slots("streams", {2, "--in-all"}, {1, "--of-each"});
  const auto first = slots.Take("");
  const auto second = slots.Take("");
  CHECK((first.ok() && second.ok()));
}

}  // namespace gatewatch::analyzer
