#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "detection/comparison.h"
#include "detection/option_scan.h"

namespace gatewatch::detection {

absl::StatusOr<Source> Source::Compile(const Operand& operand) {
  Source source;
  if (operand.kind == Operand::Kind::kField) {
    GATEWATCH_ASSIGN_OR_RETURN(source.field_, Field::Find(operand.text));
    source.function_ = Function::kField;
    return source;
  }
  if (operand.kind == Operand::Kind::kLiteral) {
    source.literal_ = operand.text;
    return source;
  }
  return CompileCall(operand);
}

absl::StatusOr<Source> Source::CompileCall(const Operand& operand) {
  struct Row {
    absl::string_view name;
    Function function;
    size_t at_least, at_most;
    bool of_items = false;  // takes a list item by item
  };
  constexpr Row kRows[] = {
      {"val", Function::kVal, 1, 1},
      {"tolower", Function::kToLower, 1, 1},
      {"toupper", Function::kToUpper, 1, 1},
      {"b64", Function::kBase64, 1, 1},
      {"basename", Function::kBaseName, 1, 1},
      {"len", Function::kLength, 1, 1, true},
      {"join", Function::kJoin, 2, 16, true},
      {"concat", Function::kConcat, 1, 16},
      {"getopt", Function::kGetOpt, 2, 3, true},
      {"number", Function::kNumber, 1, 1},
      {"union", Function::kUnion, 1, 64},
  };
  if (const auto part = TimePartNamed(operand.text)) {
    if (operand.arguments.size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(operand.text, " takes one argument"));
    }
    Source source;
    source.function_ = Function::kTimePart;
    source.part_ = *part;
    GATEWATCH_ASSIGN_OR_RETURN(Source argument, Compile(operand.arguments[0]));
    source.arguments_.push_back(std::move(argument));
    return source;
  }
  for (const Row& row : kRows) {
    if (row.name != operand.text) continue;
    if (operand.arguments.size() < row.at_least ||
        operand.arguments.size() > row.at_most) {
      return absl::InvalidArgumentError(
          absl::StrCat(row.name, " takes ", row.at_least, " to ", row.at_most,
                       " arguments"));
    }
    Source source;
    source.function_ = row.function;
    for (Operand argument : operand.arguments) {
      const bool field = argument.kind == Operand::Kind::kField;
      if (field && row.of_items) argument.text = ItemsOf(argument.text);
      GATEWATCH_ASSIGN_OR_RETURN(Source compiled, Compile(argument));
      source.arguments_.push_back(std::move(compiled));
    }
    return source;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no function ", operand.text));
}

ValueType Source::type() const {
  switch (function_) {
    case Function::kField:
      return field_->row().type;
    case Function::kVal:
      return arguments_[0].type();
    case Function::kLength:
    case Function::kTimePart:
      return ValueType::kNumber;
    case Function::kNumber:
      return ValueType::kDecimal;
    default:
      return ValueType::kText;
  }
}

bool Source::either_end() const {
  return function_ == Function::kField && field_->row().either_end;
}

Values Source::Read(const EventView& event) const {
  Values values;
  Read(event, values);
  return values;
}

void Source::Read(const EventView& event, Values& values) const {
  values.clear();
  switch (function_) {
    case Function::kField:
      return field_->Extract(event, values);
    case Function::kLiteral:
      values.push_back(BorrowedText(literal_));
      return;
    case Function::kVal:
      return arguments_[0].Read(event, values);
    default:
      values = Apply(event);
  }
}

bool Source::is_list() const {
  return function_ == Function::kField && field_->is_list();
}

Values Source::Options(const EventView& event) const {
  std::vector<std::string> words;
  for (const Value& word : arguments_[0].Read(event)) {
    words.emplace_back(word.text);
  }
  const Values letters = arguments_[1].Read(event);
  if (letters.empty()) return {};
  Values wanted;
  if (arguments_.size() > 2) wanted = arguments_[2].Read(event);
  Values values;
  for (const ScannedOption& option : ScanOptions(words, letters[0].text)) {
    const std::string letter(1, option.letter);
    if (arguments_.size() == 2) {
      values.push_back(TextValue(letter));
    } else if (!wanted.empty() && wanted[0].text == letter) {
      values.push_back(TextValue(option.value));
    }
  }
  return values;
}

Values Source::Numbers(const EventView& event) const {
  Values numbers;
  for (const Value& value : arguments_[0].Read(event)) {
    if (function_ == Function::kNumber) {
      if (ParseDecimal(value.text)) numbers.push_back(value);
    } else if (const auto number = PartOfTime(value.text, part_)) {
      numbers.push_back(NumberValue(*number));
    }
  }
  return numbers;
}

Values Source::Apply(const EventView& event) const {
  if (function_ == Function::kNumber || function_ == Function::kTimePart) {
    return Numbers(event);
  }
  if (function_ == Function::kUnion) {
    Values all;
    for (const Source& argument : arguments_) {
      for (Value& value : argument.Read(event)) all.push_back(std::move(value));
    }
    return all;
  }
  if (function_ == Function::kGetOpt) return Options(event);
  if (function_ == Function::kJoin || function_ == Function::kConcat) {
    std::vector<std::string> parts;
    for (const Source& argument : arguments_) {
      const Values values = argument.Read(event);
      if (values.empty()) return {};
      for (const Value& value : values) parts.emplace_back(value.text);
    }
    if (function_ == Function::kConcat) {
      return {TextValue(absl::StrJoin(parts, ""))};
    }
    return {TextValue(
        absl::StrJoin(parts.begin() + 1, parts.end(), parts.front()))};
  }
  Values values = arguments_[0].Read(event);
  if (function_ == Function::kLength && arguments_[0].is_list()) {
    return {NumberValue(static_cast<int64_t>(values.size()))};
  }
  for (Value& value : values) {
    if (!Transform(value)) return {};
  }
  return values;
}

bool Source::Transform(Value& value) const {
  const absl::string_view text = value.text;
  switch (function_) {
    case Function::kToLower:
      value.Own(absl::AsciiStrToLower(text));
      return true;
    case Function::kToUpper:
      value.Own(absl::AsciiStrToUpper(text));
      return true;
    case Function::kBase64: {
      std::string decoded;
      if (!absl::Base64Unescape(text, &decoded)) return false;
      value.Own(std::move(decoded));
      return true;
    }
    case Function::kBaseName:
      value.Own(std::string(text.substr(text.rfind('/') + 1)));
      return true;
    case Function::kLength:
      value = NumberValue(static_cast<int64_t>(text.size()));
      return true;
    default:
      return true;
  }
}

}  // namespace gatewatch::detection
