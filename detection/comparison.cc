#include "detection/comparison.h"

#include <fnmatch.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace gatewatch::detection {
namespace {

// RE2's automata grow with the input that they have seen; beyond this it gives
// up on a text, which then does not match.
constexpr int64_t kRegexMemory = 4 << 20;
constexpr size_t kShownText = 160;

bool IsOrdering(Operator op) {
  return op == Operator::kLess || op == Operator::kLessOrEqual ||
         op == Operator::kGreater || op == Operator::kGreaterOrEqual;
}

// Operators that compare by the field's type, not by its text.
bool IsTyped(Operator op) {
  return op == Operator::kEqual || op == Operator::kNotEqual ||
         op == Operator::kIn || op == Operator::kIntersects || IsOrdering(op);
}

absl::StatusOr<std::shared_ptr<const RE2>> CompileRegex(
    const std::string& pattern, Operator op) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  // Bytes of a workload need not be UTF-8: "." has to match them too.
  const bool ascii = std::all_of(pattern.begin(), pattern.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
  options.set_encoding(ascii ? RE2::Options::EncodingLatin1
                             : RE2::Options::EncodingUTF8);
  options.set_dot_nl(op == Operator::kRegex);  // as Falco has it
  auto regex = std::make_shared<const RE2>(pattern, options);
  if (!regex->ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a regular expression: ", regex->error()));
  }
  return regex;
}

bool IsWhole(const AddressBlock& block) {
  return !block.address.empty() &&
         static_cast<size_t>(block.bits) == block.address.size() * 8;
}

// Both sides of these are compared in lower case.
bool IgnoresCase(Operator op) {
  return op == Operator::kEqualIgnoringCase ||
         op == Operator::kStartsWithIgnoringCase ||
         op == Operator::kEndsWithIgnoringCase ||
         op == Operator::kContainsIgnoringCase ||
         op == Operator::kLikeIgnoringCase;
}

bool IsInBlock(const Value& value, const AddressBlock& block) {
  if (!value.address.empty()) return block.Contains(value.address);
  const auto address = AddressBlock::Parse(value.text);
  return address && IsWhole(*address) && block.Contains(address->address);
}

std::vector<std::string> Components(absl::string_view path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

// Whether the pattern's components, which may be globs, begin the path.
bool IsPathPrefix(const std::vector<std::string>& pattern,
                  absl::string_view path) {
  const std::vector<std::string> components = Components(path);
  if (components.size() < pattern.size()) return false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (::fnmatch(pattern[i].c_str(), components[i].c_str(), 0) != 0) {
      return false;
    }
  }
  return true;
}

bool IsGlob(absl::string_view text, const std::string& pattern, int flags) {
  return ::fnmatch(pattern.c_str(), std::string(text).c_str(), flags) == 0;
}

// What tells comparisons apart: the order of a list does not.
std::string KeyOf(const Expression& expression) {
  Expression sorted;
  sorted.left = expression.left;
  sorted.op = expression.op;
  sorted.quantifier = expression.quantifier;
  sorted.right = expression.right;
  std::stable_sort(
      sorted.right.begin(), sorted.right.end(),
      [](const Operand& a, const Operand& b) { return a.text < b.text; });
  return absl::StrCat(static_cast<int>(sorted.op), " ", ToText(sorted));
}

// As written; of a long list as many values as fit, and how many more it has.
std::string ShortText(const Expression& expression) {
  const std::string whole = ToText(expression);
  if (whole.size() <= kShownText) return whole;
  Expression shown;
  shown.left = expression.left;
  shown.op = expression.op;
  shown.quantifier = expression.quantifier;
  size_t size = 0;
  for (const Operand& operand : expression.right) {
    size += operand.text.size() + 4;
    if (size > kShownText) break;
    shown.right.push_back(operand);
  }
  const size_t more = expression.right.size() - shown.right.size();
  if (shown.right.empty() || more == 0) {
    return whole.substr(0, kShownText) + " …";
  }
  std::string text = ToText(shown);
  text.pop_back();  // the list's bracket
  return absl::StrCat(text, ", … ", more, " more)");
}

// As KeyOf, of the left side alone.
std::string LeftKeyOf(const Expression& expression) {
  Expression exists;
  exists.left = expression.left;
  exists.op = Operator::kExists;
  return ToText(exists);
}

}  // namespace

absl::StatusOr<Comparison> Comparison::Compile(const Expression& expression) {
  Comparison comparison;
  comparison.op_ = expression.op;
  comparison.quantifier_ = expression.quantifier;
  comparison.text_ = ShortText(expression);
  comparison.key_ = KeyOf(expression);
  comparison.left_key_ = LeftKeyOf(expression);
  GATEWATCH_ASSIGN_OR_RETURN(comparison.left_,
                             Source::Compile(expression.left));
  const ValueType type = comparison.left_->type();
  if (IsOrdering(expression.op) && type != ValueType::kNumber &&
      type != ValueType::kDecimal) {
    return absl::InvalidArgumentError(
        absl::StrCat(OperatorName(expression.op), " compares numbers only"));
  }
  for (const Operand& operand : expression.right) {
    GATEWATCH_RETURN_IF_ERROR(comparison.AddRight(operand));
  }
  return comparison;
}

absl::Status Comparison::AddRight(const Operand& operand) {
  Right right;
  right.text = operand.text;
  if (operand.kind != Operand::Kind::kLiteral) {
    GATEWATCH_ASSIGN_OR_RETURN(right.source, Source::Compile(operand));
  } else {
    GATEWATCH_RETURN_IF_ERROR(PrepareLiteral(right));
  }
  const bool in = op_ == Operator::kIn || op_ == Operator::kIntersects;
  const ValueType type = left_->type();
  bool text = type == ValueType::kText || type == ValueType::kBool;
  // Lists of addresses are long, and mostly of whole ones.
  if (type == ValueType::kAddress && !right.source && IsWhole(right.block)) {
    right.text = AddressText(right.block.address);
    text = true;
  }
  const bool hashed = op_ == Operator::kEqualIgnoringCase
                          ? quantifier_ != Quantifier::kAllOf
                          : in && text && quantifier_ == Quantifier::kOne;
  if (hashed && !right.source) {
    set_.insert(std::move(right.text));
  } else {
    right_.push_back(std::move(right));
  }
  return absl::OkStatus();
}

absl::Status Comparison::PrepareLiteral(Right& right) const {
  if (IgnoresCase(op_)) absl::AsciiStrToLower(&right.text);
  const std::string& text = right.text;
  const ValueType type = left_->type();
  if (type == ValueType::kNumber && IsTyped(op_)) {
    const auto number = ParseNumber(text);
    if (!number) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is not a number"));
    }
    right.number = *number;
  } else if (type == ValueType::kDecimal && IsTyped(op_)) {
    const auto decimal = ParseDecimal(text);
    if (!decimal) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is not a number"));
    }
    right.decimal = *decimal;
  } else if ((type == ValueType::kAddress && IsTyped(op_)) ||
             op_ == Operator::kInBlock) {
    const auto block = AddressBlock::Parse(text);
    if (!block) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is not an address or address block"));
    }
    right.block = *block;
  } else if (type == ValueType::kBool && IsTyped(op_)) {
    if (text != "true" && text != "false") {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is neither true nor false"));
    }
  } else if (op_ == Operator::kRegex || op_ == Operator::kSearch) {
    GATEWATCH_ASSIGN_OR_RETURN(right.regex, CompileRegex(text, op_));
  } else if (op_ == Operator::kLike || op_ == Operator::kLikeIgnoringCase) {
    right.like = Like(text);
  } else if (op_ == Operator::kPathMatch) {
    right.components = Components(text);
  } else if (op_ == Operator::kContainsBytes ||
             op_ == Operator::kStartsWithBytes) {
    const bool hex =
        text.size() % 2 == 0 &&
        std::all_of(text.begin(), text.end(), [](char c) {
          return absl::ascii_isxdigit(static_cast<unsigned char>(c));
        });
    if (!hex) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is not bytes in hexadecimal"));
    }
    right.text = absl::HexStringToBytes(text);
  }
  return absl::OkStatus();
}

bool Comparison::Holds(const Values& left, const EventView& event) const {
  if (op_ == Operator::kExists) return !left.empty();
  if (left.empty()) return false;
  const auto holds = [&](const Value& value) { return HoldsFor(value, event); };
  // Neither end may be equal for a connection to be unequal.
  if (op_ == Operator::kNotEqual && left_->either_end()) {
    return std::all_of(left.begin(), left.end(), holds);
  }
  return std::any_of(left.begin(), left.end(), holds);
}

std::optional<std::vector<absl::string_view>> Comparison::literals() const {
  std::vector<absl::string_view> literals(set_.begin(), set_.end());
  for (const Right& right : right_) {
    if (right.source) return std::nullopt;
    literals.push_back(right.text);
  }
  return literals;
}

bool Comparison::HoldsFor(const Value& left, const EventView& event) const {
  if (!IgnoresCase(op_)) return HoldsForAny(left, event);
  return HoldsForAny(TextValue(absl::AsciiStrToLower(left.text)), event);
}

bool Comparison::HoldsForAny(const Value& left, const EventView& event) const {
  if (!set_.empty() && set_.contains(left.text)) return true;
  const auto holds = [&](const Right& right) {
    if (!right.source) return HoldsFor(left, right);
    const Values values = right.source->Read(event);
    return std::any_of(values.begin(), values.end(), [&](const Value& value) {
      Right read;
      read.text = std::string(value.text);
      // What does not fit the operator (not a number, say) does not hold.
      return PrepareLiteral(read).ok() && HoldsFor(left, read);
    });
  };
  if (quantifier_ == Quantifier::kAllOf) {
    return std::all_of(right_.begin(), right_.end(), holds);
  }
  return std::any_of(right_.begin(), right_.end(), holds);
}

bool Comparison::HoldsFor(const Value& left, const Right& right) const {
  switch (op_) {
    case Operator::kEqual:
    case Operator::kIn:
    case Operator::kIntersects:
      return Equal(left, right);
    case Operator::kNotEqual:
      return !Equal(left, right);
    case Operator::kLess:
    case Operator::kLessOrEqual:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      if (left_->type() == ValueType::kNumber) {
        return Ordered(left.number, right.number);
      }
      return Ordered(ParseDecimal(left.text).value_or(NAN), right.decimal);
    case Operator::kContains:
    case Operator::kContainsBytes:
    case Operator::kContainsIgnoringCase:
      return absl::StrContains(left.text, right.text);
    case Operator::kEqualIgnoringCase:
      return left.text == right.text;
    case Operator::kStartsWith:
    case Operator::kStartsWithIgnoringCase:
    case Operator::kStartsWithBytes:
      return absl::StartsWith(left.text, right.text);
    case Operator::kEndsWith:
    case Operator::kEndsWithIgnoringCase:
      return absl::EndsWith(left.text, right.text);
    case Operator::kGlob:
      return IsGlob(left.text, right.text, 0);
    case Operator::kGlobIgnoringCase:
      return IsGlob(left.text, right.text, FNM_CASEFOLD);
    case Operator::kRegex:
      return right.regex != nullptr &&
             RE2::FullMatch({left.text.data(), left.text.size()}, *right.regex);
    case Operator::kSearch:
      return right.regex != nullptr &&
             RE2::PartialMatch({left.text.data(), left.text.size()},
                               *right.regex);
    case Operator::kLike:
    case Operator::kLikeIgnoringCase:
      return right.like.Matches(left.text);
    case Operator::kInBlock:
      return IsInBlock(left, right.block);
    case Operator::kPathMatch:
      return IsPathPrefix(right.components, left.text);
    case Operator::kExists:
      return true;
  }
  return false;
}

bool Comparison::Equal(const Value& left, const Right& right) const {
  switch (left_->type()) {
    case ValueType::kNumber:
      return left.number == right.number;
    case ValueType::kDecimal:
      return ParseDecimal(left.text) == right.decimal;
    case ValueType::kAddress:
      return right.block.Contains(left.address);
    case ValueType::kText:
    case ValueType::kBool:
      return left.text == right.text;
  }
  return false;
}

template <typename Number>
bool Comparison::Ordered(Number left, Number right) const {
  switch (op_) {
    case Operator::kLess:
      return left < right;
    case Operator::kLessOrEqual:
      return left <= right;
    case Operator::kGreater:
      return left > right;
    default:
      return left >= right;
  }
}

std::string Comparison::ValueText(const EventView& event) const {
  return absl::StrJoin(left_->Read(event), ", ",
                       [](std::string* out, const Value& value) {
                         absl::StrAppend(out, ShownText(value));
                       });
}

}  // namespace gatewatch::detection
