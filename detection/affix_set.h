#ifndef GATEWATCH_DETECTION_AFFIX_SET_H_
#define GATEWATCH_DETECTION_AFFIX_SET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatewatch::detection {

// Many texts, to find those that begin (or end) a given one: one binary search,
// however many there are.
//
// Threads: immutable; Find from any.
class AffixSet {
 public:
  enum class End { kFront, kBack };
  static constexpr size_t kNone = SIZE_MAX;

  AffixSet() = default;
  AffixSet(End end, std::vector<std::string> texts);

  // The longest that begins or ends `text`, kNone: there is none. Next() leads
  // on to the shorter ones. Numbers are positions in texts().
  size_t Find(absl::string_view text) const;
  size_t Next(size_t found) const { return shorter_[found]; }

  // Without duplicates, in the set's own order.
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  bool Less(absl::string_view a, absl::string_view b) const;
  bool IsAffix(absl::string_view affix, absl::string_view text) const;

  End end_ = End::kFront;
  std::vector<std::string> texts_;  // sorted, from `end_` on
  // The longest other text that begins or ends the one at this position.
  std::vector<size_t> shorter_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_AFFIX_SET_H_
