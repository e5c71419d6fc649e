#include "detection/value.h"

#include "catch2/catch.hpp"

namespace gatewatch::detection {
namespace {

bool Contains(const std::string& block, const std::string& address) {
  const auto parsed = AddressBlock::Parse(block);
  const auto other = AddressBlock::Parse(address);
  REQUIRE(parsed);
  REQUIRE(other);
  return parsed->Contains(other->address);
}

}  // namespace

TEST_CASE("numbers are decimal or hexadecimal, with a sign", "[value]") {
  CHECK(ParseNumber("0") == 0);
  CHECK(ParseNumber("42") == 42);
  CHECK(ParseNumber("-42") == -42);
  CHECK(ParseNumber("0x1F") == 31);
  CHECK(ParseNumber("0X1f") == 31);
  CHECK(ParseNumber("-0x10") == -16);
  CHECK(ParseNumber("9223372036854775807") == INT64_MAX);
  CHECK(ParseNumber("-9223372036854775808") == INT64_MIN);
}

TEST_CASE("what is not a whole number is none", "[value]") {
  for (const char* text :
       {"", "-", "0x", "x", "1.5", "1e3", "12a", "--1", "-0x-1", "0xg",
        "9223372036854775808", "0x8000000000000000", "-0x8000000000000000",
        "0x10000000000000000"}) {
    INFO(text);
    CHECK_FALSE(ParseNumber(text));
  }
}

TEST_CASE("an address block holds the addresses that share its first bits",
          "[value]") {
  CHECK(Contains("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(Contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(Contains("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(Contains("172.16.0.0/12", "172.32.0.0"));
  CHECK(Contains("0.0.0.0/0", "255.1.2.3"));
  CHECK(Contains("1.2.3.4", "1.2.3.4"));
  CHECK_FALSE(Contains("1.2.3.4", "1.2.3.5"));
  CHECK(Contains("1.2.3.4/31", "1.2.3.5"));
  CHECK(Contains("10.9.9.9/8", "10.1.1.1"));  // bits behind the mask
}

TEST_CASE("IPv6 blocks hold IPv6 addresses only", "[value]") {
  CHECK(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(Contains("::1", "::1"));
  CHECK_FALSE(Contains("::/0", "1.2.3.4"));
  CHECK_FALSE(Contains("0.0.0.0/0", "::1"));
}

TEST_CASE("what is not an address block is none", "[value]") {
  for (const char* text :
       {"", "10", "10.0.0", "10.0.0.256", "10.0.0.0/", "10.0.0.0/33",
        "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "localhost", "/8"}) {
    INFO(text);
    CHECK_FALSE(AddressBlock::Parse(text));
  }
}

TEST_CASE("an address prints as people write it", "[value]") {
  CHECK(AddressText(std::string("\x7f\0\0\1", 4)) == "127.0.0.1");
  CHECK(AddressText(std::string(15, '\0') + "\1") == "::1");
  CHECK(AddressText("").empty());
  CHECK(AddressText("12345").empty());
}

}  // namespace gatewatch::detection
