#include "detection/output_format.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/escape.h"

namespace gatewatch::detection {
namespace {

// A sentence may end behind a field: its dot is not the field's.
void GiveBackTrailingDots(Operand& operand, size_t& taken) {
  while (!operand.text.empty() && operand.text.back() == '.') {
    operand.text.pop_back();
    --taken;
  }
}

}  // namespace

std::optional<OutputFormat> OutputFormat::Parse(absl::string_view text,
                                                ParseError& error) {
  // A folded YAML text ends with a line end that nobody means.
  text = absl::StripTrailingAsciiWhitespace(text);
  const size_t whole = text.size();
  absl::ConsumePrefix(&text, "*");
  OutputFormat format;
  Part part;
  while (!text.empty()) {
    const bool field = text[0] == '%' && text.size() > 1 &&
                       absl::ascii_isalpha(static_cast<unsigned char>(text[1]));
    if (!field) {
      part.text += text[0];
      text.remove_prefix(1);
      continue;
    }
    const size_t position = whole - text.size();
    text.remove_prefix(1);
    Operand operand;
    size_t taken = ParseOutputField(text, operand, error);
    if (taken == 0) {
      error.position = position;
      return std::nullopt;
    }
    GiveBackTrailingDots(operand, taken);
    if (operand.kind == Operand::Kind::kLiteral) {
      operand.kind = Operand::Kind::kField;  // a name without a dot
    }
    auto source = Source::Compile(operand);
    if (!source.ok()) {
      error = {position, std::string(source.status().message())};
      return std::nullopt;
    }
    AddFields(operand, format.fields_);
    part.source = *std::move(source);
    format.parts_.push_back(std::exchange(part, {}));
    text.remove_prefix(taken);
  }
  format.parts_.push_back(std::move(part));
  return format;
}

std::string OutputFormat::Fill(const EventView& event) const {
  std::string text;
  for (const Part& part : parts_) {
    text += part.text;
    if (!part.source) continue;
    const Values values = part.source->Read(event);
    text += values.empty()
                ? "<NA>"
                : EscapeForTerminal(absl::StrJoin(
                      values, ",", [](std::string* out, const Value& value) {
                        *out += ShownText(value);
                      }));
  }
  return text;
}

}  // namespace gatewatch::detection
