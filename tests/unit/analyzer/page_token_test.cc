#include "analyzer/page_token.h"

#include "catch2/catch.hpp"

namespace gatewatch::analyzer {

TEST_CASE("a page token gives back its numbers", "[analyzer][query]") {
  const std::vector<uint64_t> numbers = {0, 17, UINT64_MAX};
  const auto decoded = DecodePageToken('e', 3, EncodePageToken('e', numbers));
  REQUIRE(decoded.ok());
  CHECK(*decoded == numbers);
}

TEST_CASE("what is not a token of the list is refused", "[analyzer][query]") {
  for (const char* text : {"", "e", "e.1", "e.1.2.3", "a.1.2", "e.1.x",
                           "e.1.2 ", "e.01.2", "e..2", "e.1.-2", "1.2"}) {
    INFO(text);
    CHECK(absl::IsInvalidArgument(DecodePageToken('e', 2, text).status()));
  }
}

}  // namespace gatewatch::analyzer
