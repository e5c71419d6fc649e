#include "detection/value.h"

#include <arpa/inet.h>

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::detection {

Value& Value::operator=(const Value& other) {
  if (this == &other) return *this;
  own_ = other.own_;
  text = other.owns() ? absl::string_view(own_) : other.text;
  number = other.number;
  address = other.address;
  presumed = other.presumed;
  return *this;
}

// A short string lies within the value, and moves with it.
Value& Value::operator=(Value&& other) noexcept {
  if (this == &other) return *this;
  const bool owns = other.owns();
  own_ = std::move(other.own_);
  text = owns ? absl::string_view(own_) : other.text;
  other.text = {};
  number = other.number;
  address = std::move(other.address);
  presumed = other.presumed;
  return *this;
}

void Value::Own(std::string made) {
  own_ = std::move(made);
  text = own_;
}

Value TextValue(absl::string_view text) {
  Value value;
  value.Own(std::string(text));
  return value;
}

Value BorrowedText(absl::string_view text) {
  Value value;
  value.Borrow(text);
  return value;
}

Value NumberValue(int64_t number) {
  Value value;
  value.Own(absl::StrCat(number));
  value.number = number;
  return value;
}

Value BoolValue(bool value) { return BorrowedText(value ? "true" : "false"); }

Value AddressValue(const std::string& address) {
  Value value;
  value.Own(AddressText(address));
  value.address = address;
  return value;
}

std::string ShownText(const Value& value) {
  if (!value.presumed) return std::string(value.text);
  return absl::StrCat("unknown (presumed ", value.text, ")");
}

std::string AddressText(const std::string& address) {
  char text[INET6_ADDRSTRLEN];
  const int family = address.size() == 4    ? AF_INET
                     : address.size() == 16 ? AF_INET6
                                            : AF_UNSPEC;
  if (family == AF_UNSPEC ||
      inet_ntop(family, address.data(), text, sizeof(text)) == nullptr) {
    return "";
  }
  return text;
}

std::optional<AddressBlock> AddressBlock::Parse(absl::string_view text) {
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  AddressBlock block;
  unsigned char bytes[16];
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) {
    block.address.assign(reinterpret_cast<char*>(bytes), 4);
  } else if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) {
    block.address.assign(reinterpret_cast<char*>(bytes), 16);
  } else {
    return std::nullopt;
  }
  const int all = static_cast<int>(block.address.size()) * 8;
  block.bits = all;
  if (slash != text.npos &&
      (!absl::SimpleAtoi(text.substr(slash + 1), &block.bits) ||
       block.bits < 0 || block.bits > all)) {
    return std::nullopt;
  }
  return block;
}

bool AddressBlock::Contains(absl::string_view other) const {
  if (other.size() != address.size()) return false;
  for (int bit = 0; bit < bits; bit += 8) {
    const auto byte = static_cast<size_t>(bit / 8);
    const int mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit));
    if (((address[byte] ^ other[byte]) & mask) != 0) return false;
  }
  return true;
}

std::optional<int64_t> ParseNumber(absl::string_view text) {
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  const bool negative = absl::ConsumePrefix(&text, "-");
  uint64_t hex = 0;
  const bool fits =
      (absl::StartsWith(text, "0x") || absl::StartsWith(text, "0X")) &&
      absl::SimpleHexAtoi(text, &hex) && hex <= INT64_MAX;
  if (fits) {
    return negative ? -static_cast<int64_t>(hex) : static_cast<int64_t>(hex);
  }
  return std::nullopt;
}

std::optional<double> ParseDecimal(absl::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace gatewatch::detection
