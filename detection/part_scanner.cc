#include "detection/part_scanner.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace gatewatch::detection {

PartScanner::PartScanner(std::vector<std::string> texts)
    : texts_(std::move(texts)) {
  std::sort(texts_.begin(), texts_.end());
  texts_.erase(std::unique(texts_.begin(), texts_.end()), texts_.end());
  absl::flat_hash_map<uint32_t, size_t> occurrences;
  for (const std::string& text : texts_) {
    for (size_t i = 0; i + kLeast <= text.size(); ++i) {
      ++occurrences[Gram(text.data() + i)];
    }
  }
  for (size_t i = 0; i < texts_.size(); ++i) {
    const size_t offset = RarestOffset(texts_[i], occurrences);
    const uint32_t gram = Gram(texts_[i].data() + offset);
    anchors_[gram].push_back({i, offset});
    const size_t bit = FilterBit(gram);
    filter_[bit / 64] |= uint64_t{1} << (bit % 64);
  }
}

void PartScanner::Find(absl::string_view text,
                       std::vector<size_t>& found) const {
  if (texts_.empty()) return;
  for (size_t at = 0; at + kLeast <= text.size(); ++at) {
    const uint32_t gram = Gram(text.data() + at);
    const size_t bit = FilterBit(gram);
    if ((filter_[bit / 64] >> (bit % 64) & 1) == 0) continue;
    FindAt(text, at, gram, found);
  }
}

uint32_t PartScanner::Gram(const char* at) {
  const auto byte = [at](size_t i) {
    return uint32_t{static_cast<unsigned char>(at[i])};
  };
  return byte(0) | byte(1) << 8 | byte(2) << 16;
}

size_t PartScanner::FilterBit(uint32_t gram) {
  constexpr uint32_t kGoldenRatio = 0x9E3779B1;  // spreads neighbours
  return gram * kGoldenRatio >> 17;
}

size_t PartScanner::RarestOffset(
    const std::string& text,
    const absl::flat_hash_map<uint32_t, size_t>& occurrences) const {
  size_t best = 0;
  size_t fewest = SIZE_MAX;
  for (size_t i = 0; i + kLeast <= text.size(); ++i) {
    const uint32_t gram = Gram(text.data() + i);
    const size_t count = occurrences.find(gram)->second;
    if (count >= fewest) continue;
    fewest = count;
    best = i;
  }
  return best;
}

void PartScanner::FindAt(absl::string_view text, size_t at, uint32_t gram,
                         std::vector<size_t>& found) const {
  const auto anchors = anchors_.find(gram);
  if (anchors == anchors_.end()) return;
  for (const Anchor& anchor : anchors->second) {
    if (anchor.offset > at) continue;
    if (absl::StartsWith(text.substr(at - anchor.offset),
                         texts_[anchor.text])) {
      found.push_back(anchor.text);
    }
  }
}

}  // namespace gatewatch::detection
