#include "iac/utf16.h"

#include <cstddef>
#include <cstdint>

#include "base/escape.h"

namespace gatewatch::iac {
namespace {

using Encoding = SourceFile::Encoding;

constexpr uint32_t kReplacement = 0xFFFD;

bool IsHigh(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLow(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

uint32_t UnitAt(absl::string_view bytes, size_t at, Encoding encoding) {
  const uint32_t first = static_cast<unsigned char>(bytes[at]);
  const uint32_t second = static_cast<unsigned char>(bytes[at + 1]);
  return encoding == Encoding::kUtf16Big ? first << 8 | second
                                         : second << 8 | first;
}

void AppendUnit(uint32_t unit, Encoding encoding, std::string& bytes) {
  const char high = static_cast<char>(unit >> 8);
  const char low = static_cast<char>(unit & 0xFF);
  const bool big = encoding == Encoding::kUtf16Big;
  bytes.push_back(big ? high : low);
  bytes.push_back(big ? low : high);
}

void AppendUtf8(uint32_t point, std::string& text) {
  const auto tail = [&](int shift) {
    text.push_back(static_cast<char>(0x80 | (point >> shift & 0x3F)));
  };
  if (point < 0x80) {
    text.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    text.push_back(static_cast<char>(0xC0 | point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | point >> 12));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<char>(0xF0 | point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// The character that `text`, valid UTF-8, begins with, of `length` bytes.
uint32_t PointAt(absl::string_view text, size_t length) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (length <= 1) return first;
  uint32_t point = first & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  return point;
}

}  // namespace

Encoding EncodingOf(absl::string_view bytes) {
  if (bytes.size() < 2) return Encoding::kUtf8;
  const absl::string_view mark = bytes.substr(0, 2);
  if (mark == "\xFF\xFE" || (mark[0] != 0 && mark[1] == 0)) {
    return Encoding::kUtf16Little;
  }
  if (mark == "\xFE\xFF" || (mark[0] == 0 && mark[1] != 0)) {
    return Encoding::kUtf16Big;
  }
  return Encoding::kUtf8;
}

std::string Utf8FromUtf16(absl::string_view bytes, Encoding encoding) {
  std::string text;
  for (size_t at = 0; at + 1 < bytes.size(); at += 2) {
    uint32_t point = UnitAt(bytes, at, encoding);
    if (IsHigh(point) && at + 3 < bytes.size()) {
      const uint32_t low = UnitAt(bytes, at + 2, encoding);
      if (IsLow(low)) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      }
    }
    AppendUtf8(IsHigh(point) || IsLow(point) ? kReplacement : point, text);
  }
  return text;
}

std::string Encode(absl::string_view text, Encoding encoding) {
  if (encoding == Encoding::kUtf8) return std::string(text);
  std::string bytes;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    uint32_t point = PointAt(text, length);
    text.remove_prefix(length == 0 ? 1 : length);
    if (point >= 0x10000) {
      point -= 0x10000;
      AppendUnit(0xD800 + (point >> 10), encoding, bytes);
      point = 0xDC00 + (point & 0x3FF);
    }
    AppendUnit(point, encoding, bytes);
  }
  return bytes;
}

}  // namespace gatewatch::iac
