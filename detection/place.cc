#include "detection/place.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::detection {
namespace {

bool IsBlank(char c) {
  return absl::ascii_isspace(static_cast<unsigned char>(c));
}

size_t CountPlain(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return !IsBlank(c); }));
}

// What an escape of a double-quoted scalar stands for.
struct Escape {
  size_t length = 2;  // in the file
  size_t plain = 1;   // characters of the text that are not blank, in bytes
};

Escape EscapeAt(absl::string_view file) {
  constexpr absl::string_view kBlanks = "nrtvf \t\r\n";
  constexpr absl::string_view kNumbered = "xuU";  // 2, 4 and 8 digits
  const char c = file.size() > 1 ? file[1] : '\n';
  if (kBlanks.find(c) != kBlanks.npos) return {.plain = 0};
  const size_t width = kNumbered.find(c);
  if (width == kNumbered.npos) return {};
  const size_t digits = size_t{2} << width;
  uint32_t code = 0;
  for (const char digit : file.substr(2, digits)) {
    const int upper = absl::ascii_toupper(static_cast<unsigned char>(digit));
    code = code * 16 +
           static_cast<uint32_t>(upper >= 'A' ? upper - 'A' + 10 : upper - '0');
  }
  const size_t bytes = code < 0x80 ? (IsBlank(static_cast<char>(code)) ? 0 : 1)
                       : code < 0x800   ? 2
                       : code < 0x10000 ? 3
                                        : 4;
  return {.length = 2 + digits, .plain = bytes};
}

// Walks over a scalar in its file.
class Walk {
 public:
  explicit Walk(const Place& place)
      : file_(place.source->text),
        at_(std::min(place.position, place.source->text.size())),
        line_(place.line),
        column_(place.column) {
    SkipProperties();
    EnterScalar();
  }

  // Steps behind `plain` characters that are not blank.
  void Skip(size_t plain) {
    while (plain > 0 && at_ < file_.size()) {
      const char c = file_[at_];
      if (style_ == '"' && c == '\\') {
        const Escape escape = EscapeAt(file_.substr(at_));
        Step(escape.length);
        plain -= std::min(plain, escape.plain);
      } else {
        // Two single quotes are one.
        Step(style_ == '\'' && file_.substr(at_, 2) == "''" ? 2 : 1);
        if (!IsBlank(c)) --plain;
      }
    }
  }

  void SkipBlank() {
    while (at_ < file_.size()) {
      const bool escape = style_ == '"' && file_[at_] == '\\';
      const Escape blank = escape ? EscapeAt(file_.substr(at_)) : Escape{};
      if (escape ? blank.plain > 0 : !IsBlank(file_[at_])) return;
      Step(escape ? blank.length : 1);
    }
  }

  std::string Text(const RuleSource& source) const {
    return absl::StrCat(source.name, ":", line_ + 1, ":", column_ + 1);
  }

 private:
  void Step(size_t count) {
    for (; count > 0 && at_ < file_.size(); --count, ++at_) {
      column_ = file_[at_] == '\n' ? 0 : column_ + 1;
      line_ += file_[at_] == '\n';
    }
  }

  // "&anchor" and "!tag" stand before the scalar.
  void SkipProperties() {
    while (at_ < file_.size() && (file_[at_] == '&' || file_[at_] == '!')) {
      while (at_ < file_.size() && !IsBlank(file_[at_])) Step(1);
      SkipBlank();
    }
  }

  // Behind a quote, or the header of a block (">", "|-").
  void EnterScalar() {
    if (at_ >= file_.size()) return;
    style_ = file_[at_];
    if (style_ == '"' || style_ == '\'') Step(1);
    if (style_ != '>' && style_ != '|') return;
    while (at_ < file_.size() && file_[at_] != '\n') Step(1);
  }

  const absl::string_view file_;
  size_t at_;
  int line_;
  int column_;
  char style_ = ' ';
};

}  // namespace

std::string Place::Text() const {
  return absl::StrCat(source->name, ":", line + 1, ":", column + 1);
}

Place PlaceOf(const RuleSource& source, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  // yaml-cpp does not count a byte order mark.
  const bool marked = source.text.compare(0, 3, "\xef\xbb\xbf") == 0;
  const auto position = static_cast<size_t>(std::max(mark.pos, 0));
  return {&source, position + (marked ? 3 : 0), mark.line, mark.column};
}

void PlacedText::Set(std::string text, const Place& place) {
  text_ = std::move(text);
  parts_ = {{0, place}};
}

void PlacedText::Append(absl::string_view text, const Place& place) {
  text_ += ' ';
  parts_.push_back({text_.size(), place});
  text_.append(text.data(), text.size());
}

std::string PlacedText::At(size_t offset) const {
  // The part that holds it.
  const auto next =
      std::find_if(parts_.begin() + 1, parts_.end(),
                   [&](const Part& part) { return part.begin > offset; });
  const Part& part = *(next - 1);
  const size_t end = next == parts_.end() ? text_.size() : next->begin;
  const size_t split = std::min(std::max(offset, part.begin), end);
  const absl::string_view text = text_;
  Walk walk(part.place);
  walk.Skip(CountPlain(text.substr(part.begin, split - part.begin)));
  // At the end the place is right behind the last character.
  if (CountPlain(text.substr(split, end - split)) > 0) walk.SkipBlank();
  return walk.Text(*part.place.source);
}

}  // namespace gatewatch::detection
