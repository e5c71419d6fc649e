#ifndef GATEWATCH_DETECTION_TEXT_INDEX_H_
#define GATEWATCH_DETECTION_TEXT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "detection/affix_set.h"
#include "detection/part_scanner.h"

namespace gatewatch::detection {

// What a text must look like, literally.
struct TextPattern {
  enum class How { kEqual, kPrefix, kSuffix, kPart };
  How how = How::kEqual;
  std::string text;          // a kPart has at least PartScanner::kLeast bytes
  bool ignore_case = false;  // of ASCII letters
};

// Finds the patterns that a text may fulfil, among many, in time that hardly
// grows with their number.
//
// Threads: immutable; Find from any.
class TextIndex {
 public:
  struct Entry {
    TextPattern pattern;
    uint32_t id = 0;
  };
  // Memory that Find uses again.
  struct Scratch {
    std::string lower;
    std::vector<size_t> parts;
  };

  TextIndex() = default;
  explicit TextIndex(std::vector<Entry> entries);

  // Appends the ids of the entries whose pattern `text` fulfils, some of them
  // several times. As soon as one pattern ignores case, ids of others may be
  // found for texts that differ in case alone.
  void Find(absl::string_view text, Scratch& scratch,
            std::vector<uint32_t>& ids) const;

 private:
  using Ids = std::vector<uint32_t>;

  bool ignore_case_ = false;
  absl::flat_hash_map<std::string, Ids> equal_;
  AffixSet prefixes_;
  AffixSet suffixes_;
  PartScanner parts_;
  // Of each text of the three above.
  std::vector<Ids> prefix_ids_, suffix_ids_, part_ids_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_TEXT_INDEX_H_
