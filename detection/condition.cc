#include "detection/condition.h"

#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "detection/compiled_condition.h"
#include "detection/explanation.h"
#include "detection/parser.h"

namespace gatewatch::detection {

absl::StatusOr<Condition> Condition::Parse(absl::string_view text) {
  ParseError error;
  const ExpressionPtr expression = ParseCondition(text, nullptr, error);
  std::unique_ptr<CompiledCondition> compiled;
  if (expression != nullptr) {
    size_t budget = text.size();  // no condition has more values than bytes
    compiled = CompiledCondition::Compile(*expression, nullptr, budget, error);
  }
  if (compiled == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "column ", error.position + 1, ": ", EscapeForTerminal(error.what)));
  }
  return Condition(std::move(compiled));
}

Condition::Condition(std::unique_ptr<CompiledCondition> compiled)
    : compiled_(std::move(compiled)) {}
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;
Condition::~Condition() = default;

bool Condition::Matches(const EventView& event) const {
  return compiled_->Matches(event);
}

std::vector<v1::Reason> Condition::Explain(const EventView& event) const {
  std::vector<v1::Reason> reasons;
  ExplainMatch(compiled_->root(), event, /*origin=*/"", reasons);
  return reasons;
}

}  // namespace gatewatch::detection
