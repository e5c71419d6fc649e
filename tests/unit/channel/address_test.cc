#include "channel/address.h"

#include "catch2/catch.hpp"

namespace gatewatch::channel {

TEST_CASE("local addresses are told from others", "[channel][address]") {
  for (const char* text :
       {"127.0.0.1:7443", "127.9.9.9:0", "[::1]:7443", "localhost:1",
        "unix:/run/x", "unix:///run/x", "unix-abstract:x"}) {
    INFO(text);
    REQUIRE(ParseAddress(text).ok());
    CHECK(ParseAddress(text)->local);
  }
  for (const char* text :
       {"0.0.0.0:7443", "[::]:7443", "[::2]:7443", "10.0.0.1:1",
        "example.com:1", "localhost.example.com:1", "127.0.0.1.evil.com:7443",
        "1270.0.0.1:1"}) {
    INFO(text);
    REQUIRE(ParseAddress(text).ok());
    CHECK_FALSE(ParseAddress(text)->local);
  }
}

TEST_CASE("only a socket in the file system is guarded by it",
          "[channel][address]") {
  CHECK(ParseAddress("unix:/run/x")->socket);
  CHECK_FALSE(ParseAddress("unix-abstract:x")->socket);
  CHECK_FALSE(ParseAddress("127.0.0.1:7443")->socket);
}

TEST_CASE("an address has its host and port", "[channel][address]") {
  const auto address = ParseAddress("[::1]:7443");
  REQUIRE(address.ok());
  CHECK(address->text == "[::1]:7443");
  CHECK(address->host == "::1");
  CHECK(address->port == 7443);
}

TEST_CASE("what is no address is refused", "[channel][address]") {
  for (const char* text :
       {"", ":", "7443", ":7443", "host", "host:", "host:x", "host:65536",
        "::1:7443", "unix:", "unix-abstract:", "host:-1"}) {
    INFO(text);
    CHECK(absl::IsInvalidArgument(ParseAddress(text).status()));
  }
}

}  // namespace gatewatch::channel
