#ifndef GATEWATCH_DETECTION_VALUE_H_
#define GATEWATCH_DETECTION_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace gatewatch::detection {

// kDecimal is a number in text, as other people's events have it.
enum class ValueType { kText, kNumber, kDecimal, kBool, kAddress };

// What a field holds in an event, in the forms that comparisons need.
//
// Lifetime: a value that borrows its text is valid as long as the event is;
//           one that owns it, as long as itself. Copies are of the same kind.
class Value {
 public:
  Value() = default;
  Value(const Value& other) { *this = other; }
  Value(Value&& other) noexcept { *this = std::move(other); }
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value() = default;

  void Own(std::string text);
  void Borrow(absl::string_view borrowed) { text = borrowed; }

  absl::string_view text;  // as rules print it; bytes as they are
  int64_t number = 0;      // kNumber
  std::string address;     // kAddress: 4 or 16 bytes, network order
  // Nobody saw it; it follows from what was seen (presumed_outcome.h).
  bool presumed = false;

 private:
  // Whether `text` is a view of `own_`.
  bool owns() const { return text.data() == own_.data(); }

  std::string own_;
};

// A field may have several values at once (every ancestor's name, both ends of
// a connection); none means that it is absent.
using Values = absl::InlinedVector<Value, 1>;

// With a copy of `text`.
Value TextValue(absl::string_view text);
// `text` must outlive the event: a part of it, or a constant.
Value BorrowedText(absl::string_view text);
Value NumberValue(int64_t number);
Value BoolValue(bool value);
// `address`: 4 or 16 bytes.
Value AddressValue(const std::string& address);

// As people are shown it: a presumed value says so.
std::string ShownText(const Value& value);

// "10.0.0.1", "fe80::1"; empty when `address` has another length.
std::string AddressText(const std::string& address);

// An address block such as 10.0.0.0/8; a plain address is a block of one.
struct AddressBlock {
  std::string address;
  int bits = 0;

  // Nothing when `text` is neither an address nor a block.
  static std::optional<AddressBlock> Parse(absl::string_view text);
  bool Contains(absl::string_view other) const;
};

// A decimal or 0x hexadecimal number, with a sign.
std::optional<int64_t> ParseNumber(absl::string_view text);

// A finite decimal number, with or without fraction and exponent.
std::optional<double> ParseDecimal(absl::string_view text);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_VALUE_H_
