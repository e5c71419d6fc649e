#include "agent/analyzer_address.h"

#include "absl/strings/match.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {

TEST_CASE("events may go to sockets and loopback", "[agent]") {
  for (const char* address :
       {"unix:/run/a.sock", "unix:///run/a.sock", "unix-abstract:name",
        "127.0.0.1:7443", "127.1.2.3:1", "localhost:7443", "[::1]:7443"}) {
    INFO(address);
    CHECK(CheckAnalyzerAddress(address, false).ok());
  }
}

TEST_CASE("events go to another host only when that was allowed", "[agent]") {
  for (const char* address :
       {"10.0.0.1:7443", "analyzer.local:7443", "127.0.0.1.evil.com:7443",
        "localhost.evil.com:1", "[::2]:7443", "0.0.0.0:7443", "1270.0.0.1:1"}) {
    INFO(address);
    const absl::Status status = CheckAnalyzerAddress(address, false);
    CHECK(absl::IsInvalidArgument(status));
    CHECK(absl::StrContains(status.message(), "--insecure"));
    CHECK(CheckAnalyzerAddress(address, true).ok());
  }
}

TEST_CASE("what is no address is refused even when all hosts are allowed",
          "[agent]") {
  for (const char* address :
       {"", ":", ":7443", "localhost", "localhost:", "localhost:x",
        "localhost:0", "localhost:65536", "unix:", "unix-abstract:"}) {
    INFO(address);
    CHECK(absl::IsInvalidArgument(CheckAnalyzerAddress(address, true)));
  }
}

}  // namespace gatewatch::agent
