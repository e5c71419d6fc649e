#include "iac/edit/snippet.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "iac/edit/file_style.h"
#include "re2/re2.h"

namespace gatewatch::iac {
namespace {

using Kind = Snippet::Kind;

Style Deeper(const Style& style) {
  Style deeper = style;
  deeper.indent += style.step;
  return deeper;
}

// Text that YAML reads as itself without quotes, whoever reads it: no number,
// no truth value, nothing with a meaning of its own.
bool IsPlainSafe(const std::string& text) {
  static const RE2& safe = *new RE2("[A-Za-z][A-Za-z0-9_.-]*[A-Za-z_]");
  static const RE2& word =
      *new RE2("(?i)y|n|yes|no|on|off|true|false|null|nan|inf");
  return RE2::FullMatch(text, safe) && !RE2::FullMatch(text, word);
}

std::string WriteString(const std::string& text, const Style& style) {
  if (!style.json && IsPlainSafe(text)) return text;
  return nlohmann::json(text).dump(-1, ' ', false,
                                   nlohmann::json::error_handler_t::replace);
}

std::string WriteSource(const std::string& text, const Style& style) {
  return absl::StrReplaceAll(text, {{"\n", "\n" + style.indent}});
}

std::string WriteFlow(const Snippet& value, const Style& style);

// The parts of a collection in JSON's style.
std::string WriteParts(const std::vector<std::string>& parts, char open,
                       char close, const Style& style) {
  const bool one_line = style.one_line || parts.empty();
  const std::string lead =
      one_line ? "" : style.newline + style.indent + style.step;
  const std::string separator =
      one_line ? style.comma : "," + style.newline + style.indent + style.step;
  return absl::StrCat(
      std::string(1, open), lead, absl::StrJoin(parts, separator),
      one_line ? "" : style.newline + style.indent, std::string(1, close));
}

std::string WriteFlow(const Snippet& value, const Style& style) {
  std::vector<std::string> parts;
  switch (value.kind) {
    case Kind::kString:
      return WriteString(value.text, style);
    case Kind::kLiteral:
      return value.text;
    case Kind::kSource:
      return WriteSource(value.text, style);
    case Kind::kSequence:
      for (const Snippet& item : value.items) {
        parts.push_back(WriteFlow(item, Deeper(style)));
      }
      return WriteParts(parts, '[', ']', style);
    case Kind::kMapping:
      for (const auto& [key, member] : value.members) {
        parts.push_back(WriteMember(key, member, Deeper(style)));
      }
      return WriteParts(parts, '{', '}', style);
  }
  return "";
}

bool IsBlock(const Snippet& value) {
  return (value.kind == Kind::kSequence && !value.items.empty()) ||
         (value.kind == Kind::kMapping && !value.members.empty()) ||
         (value.kind == Kind::kSource && value.block);
}

std::string WriteBlockMembers(const Snippet& value, const Style& style) {
  std::string text;
  for (const auto& [key, member] : value.members) {
    if (!text.empty()) absl::StrAppend(&text, style.newline, style.indent);
    text += WriteMember(key, member, style);
  }
  return text;
}

std::string WriteBlockItems(const Snippet& value, const Style& style) {
  std::string text;
  for (const Snippet& item : value.items) {
    if (!text.empty()) absl::StrAppend(&text, style.newline, style.indent);
    absl::StrAppend(&text, "- ", WriteItem(item, style));
  }
  return text;
}

// The lines of a block collection, whose first begins where it is put.
std::string WriteBlock(const Snippet& value, const Style& style) {
  if (value.kind == Kind::kSource) return WriteSource(value.text, style);
  return value.kind == Kind::kMapping ? WriteBlockMembers(value, style)
                                      : WriteBlockItems(value, style);
}

// The value's text without the indentation that its first line has.
std::string Dedented(absl::string_view text, size_t indent) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    size_t cut = 0;
    if (!lines.empty()) {
      while (cut < indent && cut < line.size() &&
             (line[cut] == ' ' || line[cut] == '\t')) {
        ++cut;
      }
    }
    lines.emplace_back(line.substr(cut));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

Snippet Snippet::String(absl::string_view text) {
  return {.kind = Kind::kString, .text = std::string(text)};
}

Snippet Snippet::Number(int number) {
  return {.kind = Kind::kLiteral, .text = absl::StrCat(number)};
}

Snippet Snippet::Bool(bool value) {
  return {.kind = Kind::kLiteral, .text = value ? "true" : "false"};
}

Snippet Snippet::Sequence(std::vector<Snippet> items) {
  return {.kind = Kind::kSequence, .items = std::move(items)};
}

Snippet Snippet::Strings(const std::vector<std::string>& texts) {
  Snippet sequence{.kind = Kind::kSequence};
  for (const std::string& text : texts) sequence.items.push_back(String(text));
  return sequence;
}

Snippet Snippet::Mapping(std::vector<Member> members) {
  return {.kind = Kind::kMapping, .members = std::move(members)};
}

Snippet Snippet::Source(const SourceFile& file, const Node& node) {
  const bool block =
      node.kind != Node::Kind::kScalar && !node.flow && node.tag.empty();
  const absl::string_view whole = file.text;
  absl::string_view text =
      whole.substr(node.span.begin, node.span.end - node.span.begin);
  text = absl::StripTrailingAsciiWhitespace(text);
  const size_t indent = block ? static_cast<size_t>(node.span.column - 1)
                              : IndentOfLine(whole, node.span.begin).size();
  return {
      .kind = Kind::kSource, .text = Dedented(text, indent), .block = block};
}

std::string WriteMember(const std::string& key, const Snippet& value,
                        const Style& style) {
  const std::string name = WriteString(key, style);
  if (!style.block) {
    return absl::StrCat(name, style.colon, WriteFlow(value, style));
  }
  if (!IsBlock(value)) {
    Style flow = style;
    flow.block = false;
    flow.one_line = true;
    return absl::StrCat(name, ": ", WriteFlow(value, flow));
  }
  const Style deeper = Deeper(style);
  return absl::StrCat(name, ":", style.newline, deeper.indent,
                      WriteBlock(value, deeper));
}

std::string WriteItem(const Snippet& value, const Style& style) {
  if (!style.block) return WriteFlow(value, style);
  Style within = style;
  within.indent += "  ";  // the width of "- "
  if (IsBlock(value)) return WriteBlock(value, within);
  within.block = false;
  within.one_line = true;
  return WriteFlow(value, within);
}

}  // namespace gatewatch::iac
