#ifndef GATEWATCH_DETECTION_PART_SCANNER_H_
#define GATEWATCH_DETECTION_PART_SCANNER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace gatewatch::detection {

// Many texts, to find those that a given one contains, in one pass over it. A
// filter that fits the fastest cache says, by three bytes, whether any of the
// texts can be at a position; only then it is looked for.
//
// Threads: immutable; Find from any.
// Limits:  texts have at least kLeast bytes.
class PartScanner {
 public:
  static constexpr size_t kLeast = 3;

  PartScanner() = default;
  explicit PartScanner(std::vector<std::string> texts);

  // Appends the positions in texts() of what `text` contains; one that occurs
  // several times may be found as often.
  void Find(absl::string_view text, std::vector<size_t>& found) const;

  // Without duplicates, in the scanner's own order.
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  // Where a text's three bytes lie in it: those that fewest others have.
  struct Anchor {
    size_t text = 0;
    size_t offset = 0;
  };
  static constexpr size_t kFilterBits = 1 << 15;

  static uint32_t Gram(const char* at);
  static size_t FilterBit(uint32_t gram);
  size_t RarestOffset(
      const std::string& text,
      const absl::flat_hash_map<uint32_t, size_t>& occurrences) const;
  void FindAt(absl::string_view text, size_t at, uint32_t gram,
              std::vector<size_t>& found) const;

  std::vector<std::string> texts_;
  std::array<uint64_t, kFilterBits / 64> filter_{};
  absl::flat_hash_map<uint32_t, std::vector<Anchor>> anchors_;  // by gram
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_PART_SCANNER_H_
