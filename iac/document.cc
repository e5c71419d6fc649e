#include "iac/document.h"

#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "base/status.h"
#include "iac/node_budget.h"
#include "iac/read_json.h"
#include "iac/read_yaml.h"
#include "iac/text_lines.h"
#include "iac/utf16.h"

namespace gatewatch::iac {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::array<absl::string_view, 5> kNulls = {"", "~", "null", "Null",
                                                     "NULL"};

bool SameButFirstCase(absl::string_view a, absl::string_view b) {
  if (a.empty() || b.empty()) return a == b;
  return absl::ascii_tolower(a[0]) == absl::ascii_tolower(b[0]) &&
         a.substr(1) == b.substr(1);
}

template <typename Same>
const Node* FindIf(const std::vector<Node::Member>& members, Same same) {
  const auto found = absl::c_find_if(
      members, [&](const auto& member) { return same(member.key.text); });
  return found == members.end() ? nullptr : &found->value;
}

// Where `text` stops being UTF-8; its size when it does not.
size_t FirstNotUtf8(absl::string_view text) {
  if (IsUtf8(text)) return text.size();
  size_t at = 0;
  while (const size_t length = Utf8Length(text.substr(at))) at += length;
  return at;
}

bool LooksLikeJson(absl::string_view text) {
  const absl::string_view body = absl::StripLeadingAsciiWhitespace(text);
  return !body.empty() && (body[0] == '{' || body[0] == '[');
}

}  // namespace

const Node* Node::Find(absl::string_view key) const {
  return FindIf(members, [&](const std::string& text) { return text == key; });
}

const Node* Node::FindEitherCase(absl::string_view key) const {
  return FindIf(members, [&](const std::string& text) {
    return SameButFirstCase(text, key);
  });
}

bool Node::IsNull() const {
  return kind == Kind::kScalar && plain && tag.empty() &&
         absl::c_linear_search(kNulls, text);
}

absl::StatusOr<SourceFile> SourceFile::Parse(std::string name,
                                             std::string bytes) {
  SourceFile file{.name = std::move(name)};
  if (bytes.size() > kFileSizeLimit) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.name, ":1:1: larger than 16 MiB"));
  }
  file.encoding = EncodingOf(bytes);
  if (file.encoding == Encoding::kUtf8) {
    file.text = std::move(bytes);
  } else {
    file.text = Utf8FromUtf16(bytes, file.encoding);
    if (Encode(file.text, file.encoding) != bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(file.name, ":1:1: this is no UTF-16 text"));
    }
  }
  const TextLines lines(file.name, file.text);
  const size_t bad = FirstNotUtf8(file.text);
  if (bad < file.text.size()) return lines.Error(bad, "this is no UTF-8 text");

  const size_t start =
      absl::StartsWith(file.text, kByteOrderMark) ? kByteOrderMark.size() : 0;
  const bool must_be_json = absl::EndsWith(file.name, ".json");
  absl::Status not_json;
  if (must_be_json ||
      LooksLikeJson(absl::string_view(file.text).substr(start))) {
    auto root = ReadJson(file.text, start, lines);
    if (root.ok()) {
      file.documents.push_back({Document::Format::kJson, *std::move(root)});
      return file;
    }
    if (must_be_json) return root.status();
    not_json = root.status();
  }
  auto roots = ReadYaml(file.text, start, lines);
  if (!roots.ok()) return not_json.ok() ? roots.status() : not_json;
  for (Node& root : *roots) {
    file.documents.push_back({Document::Format::kYaml, std::move(root)});
  }
  return file;
}

}  // namespace gatewatch::iac
