#include "iac/edit/editor.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "iac/edit/file_style.h"

namespace gatewatch::iac {
namespace {

bool IsSequence(const Node& node) { return node.kind == Node::Kind::kSequence; }

// Where the dash of a block sequence's item stands; a comment may stand
// between them.
size_t DashBefore(absl::string_view text, size_t item) {
  size_t dash = item;
  while (dash > 0 && absl::ascii_isblank(text[dash - 1])) --dash;
  if (dash > 0 && text[dash - 1] == '-') return dash - 1;
  return text.rfind('-', text.rfind('\n', dash));
}

// An edit that would take more or less than a whole element with what
// separates it from the one before.
absl::Status NotOurs(const SourceFile& file, const Node& collection) {
  return absl::FailedPreconditionError(absl::StrCat(
      file.name, ":", collection.span.line,
      ": a part of this was changed since it was inserted, and "
      "cannot be removed without touching more; remove it by hand"));
}

}  // namespace

Editor::Editor(const SourceFile& file) : file_(file), style_(StyleOf(file)) {}

std::string Editor::Result() const { return ApplyEdits(file_.text, edits_); }

absl::Status Editor::Check(const Node& collection) const {
  const char* why = nullptr;
  if (collection.aliased) {
    why = "comes by an alias; write it out, so that it can be changed";
  } else if (!collection.tag.empty()) {
    why = "is a function's argument; write the value itself";
  }
  if (why == nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(file_.name, ":", collection.span.line, ":",
                   collection.span.column, ": this ", why));
}

// Without what came by an alias, which stands elsewhere.
std::vector<Editor::Extent> Editor::Elements(const Node& collection) const {
  std::vector<Extent> elements;
  for (const Node& item : collection.items) {
    const size_t begin = collection.flow
                             ? item.span.begin
                             : DashBefore(file_.text, item.span.begin);
    elements.push_back({begin, item.span.end});
  }
  for (const Node::Member& member : collection.members) {
    if (member.key.aliased) continue;
    elements.push_back({member.key.span.begin, member.value.span.end});
  }
  return elements;
}

// Where the last line of a block collection ends, before its line break.
size_t Editor::EndOfLine(const Node& collection) const {
  const std::string& text = file_.text;
  size_t end = collection.span.end;
  if (end > collection.span.begin && text[end - 1] == '\n') {
    --end;  // a block scalar took its line break along
  } else {
    end = std::min(text.find('\n', end), text.size());
    if (end == text.size()) return end;
  }
  return end > 0 && text[end - 1] == '\r' ? end - 1 : end;
}

Style Editor::StyleFor(const Node& collection,
                       const std::vector<Extent>& elements) const {
  Style style = style_;
  style.block = !collection.flow;
  if (elements.empty()) {
    style.one_line = true;
    return style;
  }
  const absl::string_view text = file_.text;
  if (style.block) {
    // A sequence begins at its first dash, unless there is an anchor.
    const bool dash = text[collection.span.begin] == '-';
    style.indent =
        IndentTo(text, dash ? collection.span.begin : elements[0].begin);
    return style;
  }
  const Extent last = elements.back();
  style.indent = IndentOfLine(text, last.begin);
  style.one_line =
      !absl::StrContains(SpaceBefore(text, last.begin), '\n') &&
      !absl::StrContains(text.substr(last.begin, last.end - last.begin), '\n');
  return style;
}

// What stands before one more element.
std::string Editor::Separator(const Style& style,
                              const std::vector<Extent>& elements,
                              const Node& collection) const {
  if (style.block) {
    return absl::StrCat(style.newline, style.indent,
                        IsSequence(collection) ? "- " : "");
  }
  if (elements.empty()) return "";
  const absl::string_view space =
      SpaceBefore(file_.text, elements.back().begin);
  if (absl::StrContains(space, '\n')) {
    return absl::StrCat(",", style.newline, style.indent);
  }
  return elements.size() > 1 ? absl::StrCat(",", space) : style.comma;
}

absl::Status Editor::Append(const Node& collection,
                            const std::vector<std::string>& texts,
                            const Style& style) {
  GATEWATCH_RETURN_IF_ERROR(Check(collection));
  const std::vector<Extent> elements = Elements(collection);
  const std::string separator = Separator(style, elements, collection);
  if (!elements.empty()) {
    const size_t at = style.block ? EndOfLine(collection) : elements.back().end;
    edits_.push_back(
        {at, at, absl::StrCat(separator, absl::StrJoin(texts, separator))});
    return absl::OkStatus();
  }
  const size_t at = collection.span.begin + 1;  // after the bracket
  edits_.push_back({at, at, absl::StrJoin(texts, style.comma)});
  return absl::OkStatus();
}

absl::Status Editor::AppendMembers(
    const Node& mapping, const std::vector<Snippet::Member>& members) {
  const Style style = StyleFor(mapping, Elements(mapping));
  std::vector<std::string> texts;
  for (const auto& [key, value] : members) {
    texts.push_back(WriteMember(key, value, style));
  }
  return Append(mapping, texts, style);
}

absl::Status Editor::AppendItems(const Node& sequence,
                                 const std::vector<Snippet>& items) {
  const Style style = StyleFor(sequence, Elements(sequence));
  std::vector<std::string> texts;
  for (const Snippet& item : items) texts.push_back(WriteItem(item, style));
  return Append(sequence, texts, style);
}

absl::Status Editor::PrependItems(const Node& sequence,
                                  const std::vector<Snippet>& items) {
  GATEWATCH_RETURN_IF_ERROR(Check(sequence));
  const std::vector<Extent> elements = Elements(sequence);
  GATEWATCH_CHECK(!elements.empty());
  const Style style = StyleFor(sequence, elements);
  std::string separator = absl::StrCat(style.newline, style.indent, "- ");
  if (!style.block) separator = Separator(style, elements, sequence);
  std::string text;
  for (const Snippet& item : items) {
    absl::StrAppend(&text, WriteItem(item, style), separator);
  }
  const size_t at = sequence.items[0].span.begin;
  edits_.push_back({at, at, text});
  return absl::OkStatus();
}

// The element with what separates it from the one before.
absl::StatusOr<Edit> Editor::Removal(const Node& collection,
                                     const Extent& element) const {
  const absl::string_view text = file_.text;
  const absl::string_view space = SpaceBefore(text, element.begin);
  size_t begin = element.begin - space.size();
  if (collection.flow) {
    if (begin == 0 || text[begin - 1] != ',') return NotOurs(file_, collection);
    --begin;
  } else {
    if (!absl::StrContains(space, '\n')) return NotOurs(file_, collection);
    begin = text.rfind('\n', element.begin);
    if (begin > 0 && text[begin - 1] == '\r') --begin;
  }
  return Edit{begin, element.end, ""};
}

absl::Status Editor::Remove(const Node& collection,
                            const std::vector<size_t>& indexes) {
  GATEWATCH_RETURN_IF_ERROR(Check(collection));
  const std::vector<Extent> elements = Elements(collection);
  size_t front = 0;  // how many are removed at the front
  while (front < indexes.size() && indexes[front] == front) ++front;
  if (front == elements.size()) {
    edits_.push_back({elements.front().begin, elements.back().end, ""});
    return absl::OkStatus();
  }
  if (front > 0) {
    // The first item's dash stays, for the item that is then the first.
    const bool items = IsSequence(collection);
    edits_.push_back(
        {items ? collection.items[0].span.begin : elements[0].begin,
         items ? collection.items[front].span.begin : elements[front].begin,
         ""});
  }
  for (size_t i = front; i < indexes.size(); ++i) {
    GATEWATCH_ASSIGN_OR_RETURN(Edit edit,
                               Removal(collection, elements[indexes[i]]));
    edits_.push_back(std::move(edit));
  }
  return absl::OkStatus();
}

absl::Status Editor::RemoveMembers(const Node& mapping,
                                   const std::vector<size_t>& indexes) {
  return Remove(mapping, indexes);
}

absl::Status Editor::RemoveItems(const Node& sequence,
                                 const std::vector<size_t>& indexes) {
  return Remove(sequence, indexes);
}

}  // namespace gatewatch::iac
