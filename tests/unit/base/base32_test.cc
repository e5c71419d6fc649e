#include "base/base32.h"

#include <cstdint>

#include "catch2/catch.hpp"

namespace gatewatch {

TEST_CASE("an identity has 13 digits whatever its value", "[base]") {
  CHECK(Base32(0) == "0000000000000");
  CHECK(Base32(31) == "000000000000z");
  CHECK(Base32(32) == "0000000000010");
  CHECK(Base32(UINT64_MAX) == "fzzzzzzzzzzzz");
}

}  // namespace gatewatch
