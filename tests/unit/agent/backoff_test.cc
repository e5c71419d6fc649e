#include "agent/backoff.h"

#include "catch2/catch.hpp"

namespace gatewatch::agent {

TEST_CASE("waits double up to the longest, and start over after a success",
          "[agent]") {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(350),
                  [] { return 0.0; });
  CHECK(backoff.Next() == absl::Milliseconds(100));
  CHECK(backoff.Next() == absl::Milliseconds(200));
  CHECK(backoff.Next() == absl::Milliseconds(350));
  CHECK(backoff.Next() == absl::Milliseconds(350));
  backoff.Reset();
  CHECK(backoff.Next() == absl::Milliseconds(100));
}

TEST_CASE("chance shortens a wait by up to a half", "[agent]") {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(10),
                  [] { return 1.0; });
  CHECK(backoff.Next() == absl::Milliseconds(50));
  const std::function<double()> random = SystemRandom();
  for (int i = 0; i < 1000; ++i) {
    const double number = random();
    REQUIRE(number >= 0);
    REQUIRE(number < 1);
  }
}

}  // namespace gatewatch::agent
