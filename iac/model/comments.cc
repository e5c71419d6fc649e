#include "iac/model/comments.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "re2/re2.h"

namespace gatewatch::iac {
namespace {

constexpr absl::string_view kWord = "gatewatch:ignore";

struct Comment {
  std::vector<std::string> checks;
  std::string reason;
  Span place;
  int line_meant = 0;  // 0: there is none
};

// Where things stand in a file's YAML documents.
struct Layout {
  // The outermost item, or member from its key on, that begins on a line.
  absl::flat_hash_map<int, Span> first;
  std::vector<Span> scalars;  // in the file's order
};

void AddTo(Layout& layout, const Node& node) {
  if (node.aliased) return;
  if (node.kind == Node::Kind::kScalar) layout.scalars.push_back(node.span);
  for (const Node& item : node.items) {
    layout.first.try_emplace(item.span.line, item.span);
    AddTo(layout, item);
  }
  for (const Node::Member& member : node.members) {
    Span span = member.key.span;
    span.end = std::max(span.end, member.value.span.end);
    layout.first.try_emplace(span.line, span);
    layout.scalars.push_back(member.key.span);
    AddTo(layout, member.value);
  }
}

Layout LayoutOf(const SourceFile& file) {
  Layout layout;
  for (const Document& document : file.documents) {
    if (document.format == Document::Format::kJson) continue;
    layout.first.try_emplace(document.root.span.line, document.root.span);
    AddTo(layout, document.root);
  }
  return layout;
}

bool IsInScalar(const Layout& layout, size_t position) {
  const auto after = absl::c_upper_bound(
      layout.scalars, position,
      [](size_t at, const Span& span) { return at < span.begin; });
  return after != layout.scalars.begin() && position < std::prev(after)->end;
}

// Whether a line holds more than a comment.
bool HasContent(absl::string_view line) {
  const absl::string_view bare = absl::StripAsciiWhitespace(line);
  return !bare.empty() && bare[0] != '#' && bare != "---";
}

bool ReadComment(absl::string_view line, const Span& start, Comment& comment) {
  static const RE2* const kComment = new RE2(
      R"((.*?)#\s*gatewatch:ignore[ \t]+([A-Za-z0-9,]+)[ \t]*:?[ \t]*(.*?)\s*)");
  std::string before;
  std::string checks;
  if (!absl::StrContains(line, kWord) ||
      !RE2::FullMatch(re2::StringPiece(line.data(), line.size()), *kComment,
                      &before, &checks, &comment.reason)) {
    return false;
  }
  comment.checks = absl::StrSplit(checks, ',', absl::SkipEmpty());
  comment.place = start;
  comment.place.begin += before.size();
  comment.place.column += static_cast<int>(before.size());
  comment.place.end = start.begin + line.size();
  return true;
}

// All that look like comments; some may stand in a text.
std::vector<Comment> Candidates(absl::string_view text) {
  std::vector<Comment> comments;
  Span place;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    Comment comment;
    if (ReadComment(line, place, comment)) {
      comments.push_back(std::move(comment));
    }
    if (HasContent(line)) {
      // What stood on lines of its own above, or stands on this one.
      for (auto each = comments.rbegin();
           each != comments.rend() && each->line_meant == 0; ++each) {
        each->line_meant = place.line;
      }
    }
    place.begin += line.size() + 1;
    ++place.line;
  }
  return comments;
}

}  // namespace

std::vector<Suppression> SuppressionsInComments(const SourceFile& file) {
  std::vector<Suppression> suppressions;
  const std::vector<Comment> comments = Candidates(file.text);
  if (comments.empty() || file.documents[0].format == Document::Format::kJson) {
    return suppressions;
  }
  const Layout layout = LayoutOf(file);
  for (const Comment& comment : comments) {
    if (IsInScalar(layout, comment.place.begin)) continue;
    const auto meant = layout.first.find(comment.line_meant);
    for (const std::string& check : comment.checks) {
      suppressions.push_back(
          {.check = check,
           .reason = comment.reason,
           .scope = meant == layout.first.end() ? Span{} : meant->second,
           .place = comment.place});
    }
  }
  return suppressions;
}

}  // namespace gatewatch::iac
