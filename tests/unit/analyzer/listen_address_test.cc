#include "analyzer/listen_address.h"

#include "catch2/catch.hpp"

namespace gatewatch::analyzer {

TEST_CASE("loopback and unix addresses are told from others",
          "[analyzer][listen]") {
  for (const char* text : {"127.0.0.1:7443", "127.9.9.9:0", "[::1]:7443",
                           "localhost:1", "unix:/run/x", "unix-abstract:x"}) {
    INFO(text);
    REQUIRE(ParseListenAddress(text).ok());
    CHECK(ParseListenAddress(text)->loopback);
  }
  for (const char* text : {"0.0.0.0:7443", "[::]:7443", "10.0.0.1:1",
                           "example.com:1", "localhost.example.com:1"}) {
    INFO(text);
    REQUIRE(ParseListenAddress(text).ok());
    CHECK_FALSE(ParseListenAddress(text)->loopback);
  }
}

TEST_CASE("what is no address is refused", "[analyzer][listen]") {
  for (const char* text : {"", "7443", ":7443", "host", "host:", "host:x",
                           "host:65536", "::1:7443", "unix:", "host:-1"}) {
    INFO(text);
    CHECK(absl::IsInvalidArgument(ParseListenAddress(text).status()));
  }
}

}  // namespace gatewatch::analyzer
