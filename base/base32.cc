#include "base/base32.h"

namespace gatewatch {

std::string Base32(uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr int kLength = 13;  // 13 * 5 = 65 bits
  std::string text(kLength, '0');
  for (int i = kLength - 1; i >= 0; --i) {
    text[static_cast<size_t>(i)] = kDigits[value & 31];
    value >>= 5;
  }
  return text;
}

}  // namespace gatewatch
