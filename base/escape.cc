#include "base/escape.h"

#include <cstdint>

namespace gatewatch {
namespace {

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

void AppendHex(uint8_t byte, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

void AppendEscaped(uint8_t byte, std::string& out) {
  switch (byte) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      AppendHex(byte, out);
  }
}

bool IsPlain(absl::string_view sequence) {
  const auto lead = static_cast<uint8_t>(sequence[0]);
  if (sequence.size() == 1) {
    return lead >= 0x20 && lead != 0x7f && lead != '\\';
  }
  // U+0080 to U+009F: C1 controls, which terminals obey too.
  return !(lead == 0xc2 && static_cast<uint8_t>(sequence[1]) < 0xa0);
}

}  // namespace

size_t Utf8Length(absl::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  size_t length;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
  } else {
    return 0;
  }
  if (bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(at(i))) return 0;
  }
  const uint8_t second = at(1);
  if (lead == 0xe0 && second < 0xa0) return 0;  // overlong
  if (lead == 0xed && second > 0x9f) return 0;  // surrogates
  if (lead == 0xf0 && second < 0x90) return 0;  // overlong
  if (lead == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
  return length;
}

std::string EscapeForTerminal(absl::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    const absl::string_view head = bytes.substr(0, length == 0 ? 1 : length);
    if (length != 0 && IsPlain(head)) {
      out.append(head.data(), head.size());
    } else {
      for (const char byte : head) {
        AppendEscaped(static_cast<uint8_t>(byte), out);
      }
    }
    bytes.remove_prefix(head.size());
  }
  return out;
}

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace gatewatch
