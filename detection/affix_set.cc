#include "detection/affix_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace gatewatch::detection {

AffixSet::AffixSet(End end, std::vector<std::string> texts)
    : end_(end), texts_(std::move(texts)) {
  std::sort(
      texts_.begin(), texts_.end(),
      [this](absl::string_view a, absl::string_view b) { return Less(a, b); });
  texts_.erase(std::unique(texts_.begin(), texts_.end()), texts_.end());
  shorter_.reserve(texts_.size());
  for (size_t i = 0; i < texts_.size(); ++i) {
    size_t before = i == 0 ? kNone : i - 1;
    while (before != kNone && !IsAffix(texts_[before], texts_[i])) {
      before = shorter_[before];
    }
    shorter_.push_back(before);
  }
}

// Whatever begins a text sorts before it, and so does all that lies between
// the two: that begins with the same. So the text's predecessor begins with
// every text of the set that begins the text.
size_t AffixSet::Find(absl::string_view text) const {
  const auto after = std::upper_bound(
      texts_.begin(), texts_.end(), text,
      [this](absl::string_view a, absl::string_view b) { return Less(a, b); });
  if (after == texts_.begin()) return kNone;
  auto found = static_cast<size_t>(after - texts_.begin()) - 1;
  while (found != kNone && !IsAffix(texts_[found], text)) {
    found = shorter_[found];
  }
  return found;
}

bool AffixSet::Less(absl::string_view a, absl::string_view b) const {
  if (end_ == End::kFront) return a < b;
  return std::lexicographical_compare(
      a.rbegin(), a.rend(), b.rbegin(), b.rend(), [](char left, char right) {
        return static_cast<unsigned char>(left) <
               static_cast<unsigned char>(right);
      });
}

bool AffixSet::IsAffix(absl::string_view affix, absl::string_view text) const {
  return end_ == End::kFront ? absl::StartsWith(text, affix)
                             : absl::EndsWith(text, affix);
}

}  // namespace gatewatch::detection
