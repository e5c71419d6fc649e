#include "iac/text_lines.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatewatch::iac {

TextLines::TextLines(std::string file, absl::string_view text)
    : file_(std::move(file)), starts_{0} {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
}

Span TextLines::At(size_t begin, size_t end) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), begin);
  return {.begin = begin,
          .end = end,
          .line = static_cast<int>(after - starts_.begin()),
          .column = static_cast<int>(begin - *(after - 1)) + 1};
}

absl::Status TextLines::Error(size_t position, absl::string_view what) const {
  const Span place = At(position, position);
  return absl::InvalidArgumentError(
      absl::StrCat(file_, ":", place.line, ":", place.column, ": ", what));
}

}  // namespace gatewatch::iac
