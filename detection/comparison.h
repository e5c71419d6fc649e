#ifndef GATEWATCH_DETECTION_COMPARISON_H_
#define GATEWATCH_DETECTION_COMPARISON_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "detection/event_view.h"
#include "detection/expression.h"
#include "detection/field.h"
#include "detection/like.h"
#include "detection/time_part.h"
#include "detection/value.h"
#include "re2/re2.h"

namespace gatewatch::detection {

// A field, or functions of fields and literals, ready to be read from events.
class Source {
 public:
  // InvalidArgument: no such field or function, or it takes other arguments.
  static absl::StatusOr<Source> Compile(const Operand& operand);

  ValueType type() const;
  bool either_end() const;
  // Empty: absent.
  Values Read(const EventView& event) const;
  // The same, into `values`, whose memory is used again.
  void Read(const EventView& event, Values& values) const;

 private:
  enum class Function {
    kField,
    kLiteral,
    kVal,
    kToLower,
    kToUpper,
    kBase64,
    kBaseName,
    kLength,
    kJoin,
    kConcat,
    kGetOpt,
    kNumber,
    kUnion,
    kTimePart,
  };

  static absl::StatusOr<Source> CompileCall(const Operand& operand);
  // Whether it gives the items of a list.
  bool is_list() const;
  Values Apply(const EventView& event) const;
  Values Options(const EventView& event) const;  // getopt
  // number, minute …: of each value that has one.
  Values Numbers(const EventView& event) const;
  // Applies a function of one argument; false: it has no value for this one.
  bool Transform(Value& value) const;

  Function function_ = Function::kLiteral;
  std::optional<Field> field_;
  std::string literal_;
  TimePart part_ = TimePart::kMinute;
  std::vector<Source> arguments_;
};

// One comparison of a condition, compiled. Missing values make it false, `!=`
// included, as in Falco.
//
// Threads: immutable; const methods from any.
class Comparison {
 public:
  // InvalidArgument: what stands on the right does not fit the operator or
  // the field.
  static absl::StatusOr<Comparison> Compile(const Expression& expression);

  bool Matches(const EventView& event) const {
    return Holds(left_->Read(event), event);
  }
  // Whether it holds when left() has these values in the event.
  bool Holds(const Values& left, const EventView& event) const;

  // Comparisons of equal keys hold for the same events; sources of equal keys
  // have the same values.
  const std::string& key() const { return key_; }
  const std::string& left_key() const { return left_key_; }
  const Source& left() const { return *left_; }
  Operator op() const { return op_; }
  Quantifier quantifier() const { return quantifier_; }
  // What stands on the right, bytes decoded; nothing when any of it is read
  // from the event. Views of this.
  std::optional<std::vector<absl::string_view>> literals() const;

  // As written, shortened, and what the left side holds in the event.
  const std::string& text() const { return text_; }
  std::string ValueText(const EventView& event) const;

 private:
  // A value on the right, in the forms that its type compares by.
  struct Right {
    std::string text;
    int64_t number = 0;
    double decimal = 0;
    AddressBlock block;
    std::shared_ptr<const RE2> regex;     // shared by copies; RE2 cannot copy
    std::vector<std::string> components;  // pmatch
    Like like;
    std::optional<Source> source;  // read from the event
  };

  absl::Status AddRight(const Operand& operand);
  absl::Status PrepareLiteral(Right& right) const;
  bool HoldsFor(const Value& left, const EventView& event) const;
  bool HoldsFor(const Value& left, const Right& right) const;
  bool HoldsForAny(const Value& left, const EventView& event) const;
  bool Equal(const Value& left, const Right& right) const;
  template <typename Number>
  bool Ordered(Number left, Number right) const;

  Operator op_ = Operator::kEqual;
  Quantifier quantifier_ = Quantifier::kOne;
  std::optional<Source> left_;
  std::vector<Right> right_;
  absl::flat_hash_set<std::string> set_;  // of `in` and `iequals` over text
  std::string text_;
  std::string key_;
  std::string left_key_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_COMPARISON_H_
