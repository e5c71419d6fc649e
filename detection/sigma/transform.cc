#include "detection/sigma/transform.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "base/status.h"
#include "detection/like.h"

namespace gatewatch::detection::sigma {
namespace {

using Values = std::vector<std::string>;
using Encode = absl::StatusOr<Values> (*)(const std::string& bytes);

constexpr size_t kAlternativeLimit = 10'000;

// A text, as one that Like takes for itself.
absl::StatusOr<std::string> LiteralOf(absl::string_view modifier,
                                      const std::string& value) {
  const Like pattern(value);
  if (pattern.steps().empty()) return std::string();
  if (pattern.steps().size() > 1 || pattern.steps()[0].text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(modifier, " takes no wildcards"));
  }
  return pattern.steps()[0].text;
}

// --- encodings ---------------------------------------------------------------

absl::StatusOr<uint32_t> CodePoint(absl::string_view& text) {
  const size_t size = Utf8Length(text);
  if (size == 0) return absl::InvalidArgumentError("the value is not UTF-8");
  constexpr uint32_t kLeadBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  uint32_t point = static_cast<unsigned char>(text[0]) & kLeadBits[size];
  for (size_t i = 1; i < size; ++i) {
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  text.remove_prefix(size);
  return point;
}

absl::StatusOr<std::vector<uint32_t>> Utf16Units(absl::string_view text) {
  std::vector<uint32_t> units;
  while (!text.empty()) {
    GATEWATCH_ASSIGN_OR_RETURN(const uint32_t point, CodePoint(text));
    if (point < 0x10000) {
      units.push_back(point);
    } else {
      units.push_back(0xd800 + ((point - 0x10000) >> 10));
      units.push_back(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return units;
}

absl::StatusOr<Values> Utf16LittleEndian(const std::string& bytes) {
  GATEWATCH_ASSIGN_OR_RETURN(const auto units, Utf16Units(bytes));
  std::string encoded;
  for (const uint32_t unit : units) {
    encoded += static_cast<char>(unit & 0xff);
    encoded += static_cast<char>(unit >> 8);
  }
  return Values{encoded};
}

absl::StatusOr<Values> Utf16BigEndian(const std::string& bytes) {
  GATEWATCH_ASSIGN_OR_RETURN(const auto units, Utf16Units(bytes));
  std::string encoded;
  for (const uint32_t unit : units) {
    encoded += static_cast<char>(unit >> 8);
    encoded += static_cast<char>(unit & 0xff);
  }
  return Values{encoded};
}

absl::StatusOr<Values> Utf16Marked(const std::string& bytes) {
  GATEWATCH_ASSIGN_OR_RETURN(Values encoded, Utf16LittleEndian(bytes));
  return Values{absl::StrCat("\xff\xfe", encoded[0])};
}

absl::StatusOr<Values> Base64(const std::string& bytes) {
  return Values{absl::Base64Escape(bytes)};
}

// A text that stands somewhere in an encoded one begins at the first, second or
// third byte of a group of four characters. Characters that its neighbours
// have part in are left out.
absl::StatusOr<Values> Base64Offset(const std::string& bytes) {
  constexpr size_t kFirst[] = {0, 2, 3};
  constexpr size_t kLeftOut[] = {0, 3, 2};  // by what is left of a group
  Values encoded;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string all =
        absl::Base64Escape(absl::StrCat(std::string(offset, ' '), bytes));
    const size_t last = all.size() - kLeftOut[(bytes.size() + offset) % 3];
    if (last > kFirst[offset]) {
      encoded.push_back(all.substr(kFirst[offset], last - kFirst[offset]));
    }
  }
  if (encoded.empty()) {
    return absl::InvalidArgumentError("base64offset needs a longer value");
  }
  return encoded;
}

struct EncodeRow {
  absl::string_view modifier;
  Encode encode;
};
constexpr EncodeRow kEncodings[] = {
    {"base64", Base64},
    {"base64offset", Base64Offset},
    {"utf16", Utf16Marked},
    {"utf16be", Utf16BigEndian},
    {"utf16le", Utf16LittleEndian},
    {"wide", Utf16LittleEndian},
};

// --- windash -----------------------------------------------------------------

// Hyphen, slash, en dash, em dash, horizontal bar.
constexpr std::array<absl::string_view, 5> kDashes = {
    "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};

bool IsWord(char c) {
  return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The dash that begins an option at `at`: behind what is no word, before one.
absl::string_view DashAt(absl::string_view text, size_t at) {
  if (at > 0 && IsWord(text[at - 1])) return "";
  for (const absl::string_view dash : kDashes) {
    if (!absl::StartsWith(text.substr(at), dash)) continue;
    const size_t next = at + dash.size();
    if (next < text.size() && IsWord(text[next])) return dash;
  }
  return "";
}

// Appends `text` to each of the values; with several texts, each to each.
absl::Status AppendEach(const std::vector<std::string>& texts, Values& values) {
  if (values.size() * texts.size() > kAlternativeLimit) {
    return absl::UnimplementedError(
        absl::StrCat("a value stands for more than ", kAlternativeLimit));
  }
  Values longer;
  for (const std::string& value : values) {
    for (const std::string& text : texts) {
      longer.push_back(absl::StrCat(value, text));
    }
  }
  values = std::move(longer);
  return absl::OkStatus();
}

absl::StatusOr<Values> WinDash(const std::string& value) {
  const std::vector<std::string> dashes(kDashes.begin(), kDashes.end());
  Values values = {""};
  std::string plain;
  for (size_t i = 0; i < value.size();) {
    const absl::string_view dash = DashAt(value, i);
    if (dash.empty()) {
      plain += value[i++];
      continue;
    }
    GATEWATCH_RETURN_IF_ERROR(AppendEach({std::exchange(plain, "")}, values));
    GATEWATCH_RETURN_IF_ERROR(AppendEach(dashes, values));
    i += dash.size();
  }
  GATEWATCH_RETURN_IF_ERROR(AppendEach({plain}, values));
  return values;
}

// --- expand ------------------------------------------------------------------

absl::StatusOr<Values> Expand(const std::string& value,
                              const Placeholders& placeholders) {
  Values values = {""};
  std::string plain;
  for (size_t i = 0; i < value.size();) {
    if (value[i] == '\\' && value.substr(i + 1, 1) == "%") {
      plain += '%';
      i += 2;
      continue;
    }
    const size_t end = value[i] == '%' ? value.find('%', i + 1) : value.npos;
    if (end == value.npos || end == i + 1) {
      plain += value[i++];
      continue;
    }
    const std::string name = value.substr(i + 1, end - i - 1);
    const auto known = placeholders.find(name);
    if (known == placeholders.end() || known->second.empty()) {
      return absl::UnimplementedError(
          absl::StrCat("no values for the placeholder %", name, "%"));
    }
    GATEWATCH_RETURN_IF_ERROR(AppendEach({std::exchange(plain, "")}, values));
    GATEWATCH_RETURN_IF_ERROR(AppendEach(known->second, values));
    i = end + 1;
  }
  GATEWATCH_RETURN_IF_ERROR(AppendEach({plain}, values));
  return values;
}

const EncodeRow* EncodingNamed(absl::string_view modifier) {
  const auto* const row = std::find_if(
      std::begin(kEncodings), std::end(kEncodings),
      [&](const EncodeRow& each) { return each.modifier == modifier; });
  return row == std::end(kEncodings) ? nullptr : row;
}

}  // namespace

bool IsTransformation(absl::string_view modifier) {
  return modifier == "windash" || modifier == "expand" ||
         EncodingNamed(modifier) != nullptr;
}

absl::StatusOr<std::vector<std::string>> Transform(
    absl::string_view modifier, const std::string& value,
    const Placeholders& placeholders) {
  if (modifier == "windash") return WinDash(value);
  if (modifier == "expand") return Expand(value, placeholders);
  GATEWATCH_ASSIGN_OR_RETURN(const std::string literal,
                             LiteralOf(modifier, value));
  GATEWATCH_ASSIGN_OR_RETURN(Values encoded,
                             EncodingNamed(modifier)->encode(literal));
  for (std::string& each : encoded) each = LikeLiteral(each);
  return encoded;
}

}  // namespace gatewatch::detection::sigma
