#include "detection/like.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "base/escape.h"

namespace gatewatch::detection {
namespace {

constexpr absl::string_view kSpecial = "*?\\";

// Of the character that begins `text`, which is not empty; a byte that is none
// counts as one.
size_t CharacterSize(absl::string_view text) {
  return std::max<size_t>(Utf8Length(text), 1);
}

// Takes what one step stands for from the front; false: it is not there.
bool TakeStep(const Like::Step& step, absl::string_view& text) {
  if (step.text.empty()) {
    if (text.empty()) return false;
    text.remove_prefix(CharacterSize(text));
    return true;
  }
  if (!absl::StartsWith(text, step.text)) return false;
  text.remove_prefix(step.text.size());
  return true;
}

}  // namespace

Like::Like(absl::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*') {
      if (steps_.empty() || !steps_.back().any) steps_.push_back({{}, true});
    } else if (c == '?') {
      steps_.push_back({});
    } else if (c == '\\' && i + 1 < pattern.size() &&
               kSpecial.find(pattern[i + 1]) != kSpecial.npos) {
      AppendByte(pattern[++i]);
    } else {
      AppendByte(c);
    }
  }
}

void Like::AppendByte(char byte) {
  if (steps_.empty() || steps_.back().text.empty()) steps_.push_back({});
  steps_.back().text += byte;
}

// Of several "*" only the last one passed may need to take more: whatever an
// earlier one took, the steps behind it have been found as early as possible.
bool Like::Matches(absl::string_view text) const {
  size_t step = 0;
  size_t retry = steps_.size() + 1;  // the step behind the last "*"; none yet
  absl::string_view retry_text;
  while (step < steps_.size() || !text.empty()) {
    if (step < steps_.size() && steps_[step].any) {
      retry = ++step;
      retry_text = text;
      if (step == steps_.size()) return true;
      continue;
    }
    if (step < steps_.size() && TakeStep(steps_[step], text)) {
      ++step;
      continue;
    }
    if (retry > steps_.size() || retry_text.empty()) return false;
    retry_text.remove_prefix(CharacterSize(retry_text));
    text = retry_text;
    step = retry;
  }
  return true;
}

std::string LikeLiteral(absl::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (kSpecial.find(c) != kSpecial.npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace gatewatch::detection
