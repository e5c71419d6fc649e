#ifndef GATEWATCH_ANALYZER_ROW_CHECKSUM_H_
#define GATEWATCH_ANALYZER_ROW_CHECKSUM_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace gatewatch::analyzer {

// Tells whether a stored row is what was written: SQLite notices damage to its
// own structure, and none to what a row says.
//
// Any change within eight bytes of one value changes the sum; of other changes
// one in 2^64 goes unseen. No protection from somebody who means it.
class RowChecksum {
 public:
  void Add(int64_t number) { Mix(static_cast<uint64_t>(number)); }
  void Add(absl::string_view bytes);

  int64_t value() const { return static_cast<int64_t>(sum_); }

 private:
  // Every step can be undone, so that unequal sums stay unequal.
  void Mix(uint64_t word) {
    sum_ = (sum_ ^ word) * 0x9e3779b97f4a7c15;
    sum_ ^= sum_ >> 32;
  }

  uint64_t sum_ = 0x6a09e667f3bcc908;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_ROW_CHECKSUM_H_
