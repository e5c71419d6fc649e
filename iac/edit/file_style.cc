#include "iac/edit/file_style.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::iac {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

size_t BeginOfLine(absl::string_view text, size_t at) {
  while (at > 0 && text[at - 1] != '\n') --at;
  if (at == 0 && absl::StartsWith(text, kByteOrderMark)) {
    return kByteOrderMark.size();
  }
  return at;
}

// The step of the first block mapping within another, or of the first line
// that is indented in JSON's style; 0 when there is neither.
size_t BlockStep(const Node& node) {
  for (const Node::Member& member : node.members) {
    const Node& value = member.value;
    if (value.aliased || value.flow) continue;
    if (!node.flow && !value.members.empty() && value.tag.empty()) {
      const int step =
          value.members[0].key.span.column - member.key.span.column;
      if (step > 0) return static_cast<size_t>(step);
    }
    if (const size_t step = BlockStep(value); step > 0) return step;
  }
  for (const Node& item : node.items) {
    if (const size_t step = BlockStep(item); step > 0) return step;
  }
  return 0;
}

std::string FlowStep(absl::string_view text) {
  const size_t line = text.find('\n');
  if (line == absl::string_view::npos) return "";
  size_t end = line + 1;
  while (end < text.size() && (text[end] == ' ' || text[end] == '\t')) ++end;
  return std::string(text.substr(line + 1, end - line - 1));
}

// What stands between the first key of a JSON text and its value.
std::string ColonOf(const SourceFile& file, const Node& node) {
  for (const Node::Member& member : node.members) {
    std::string between = file.text.substr(
        member.key.span.end, member.value.span.begin - member.key.span.end);
    if (!absl::StrContains(between, '\n')) return between;
  }
  for (const Node& item : node.items) {
    if (!item.members.empty()) return ColonOf(file, item);
  }
  return ": ";
}

}  // namespace

absl::string_view SpaceBefore(absl::string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && absl::ascii_isspace(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

std::string IndentOfLine(absl::string_view text, size_t at) {
  const size_t begin = BeginOfLine(text, at);
  size_t end = begin;
  while (end < at && (text[end] == ' ' || text[end] == '\t')) ++end;
  return std::string(text.substr(begin, end - begin));
}

std::string IndentTo(absl::string_view text, size_t at) {
  return std::string(at - BeginOfLine(text, at), ' ');
}

Style StyleOf(const SourceFile& file) {
  Style style;
  const size_t line = file.text.find('\n');
  if (line != std::string::npos && line > 0 && file.text[line - 1] == '\r') {
    style.newline = "\r\n";
  }
  if (file.documents.empty()) return style;
  const Document& document = file.documents[0];
  style.json = document.format == Document::Format::kJson;
  if (style.json) {
    style.colon = ColonOf(file, document.root);
    style.comma = absl::EndsWith(style.colon, " ") ? ", " : ",";
    if (std::string step = FlowStep(file.text); !step.empty()) {
      style.step = std::move(step);
    }
    return style;
  }
  for (const Document& each : file.documents) {
    const size_t step = BlockStep(each.root);
    if (step == 0) continue;
    style.step = std::string(step, ' ');
    break;
  }
  return style;
}

}  // namespace gatewatch::iac
