#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "detection/compiled_condition.h"
#include "detection/explanation.h"
#include "detection/parser.h"
#include "tests/fuzz/detection/fuzz_event.h"

namespace gatewatch::detection {
namespace {

// Text grows when it is quoted; beyond this it may be too long to parse back.
constexpr size_t kLongest = 100'000;

// A macro that goes in a circle, so that conditions may name it.
const Expression* FindMacro(absl::string_view name) {
  static const Expression* const macro = [] {
    ParseError error;
    return ParseCondition("n or proc.name=x", nullptr, error).release();
  }();
  return name == "m" || name == "n" ? macro : nullptr;
}

void CheckText(const Expression& expression) {
  const std::string text = ToText(expression);
  ParseError error;
  const ExpressionPtr again = ParseCondition(text, nullptr, error);
  GATEWATCH_CHECK(again != nullptr);
  GATEWATCH_CHECK(ToText(*again) == text);
}

bool Routes(const EventTypes& types, const std::string& type) {
  return types.names.contains(type) != types.all_but;
}

void CheckMatch(const Expression& expression) {
  ParseError error;
  size_t budget = kLongest;
  const auto condition =
      CompiledCondition::Compile(expression, FindMacro, budget, error);
  if (condition == nullptr) {
    GATEWATCH_CHECK(!error.what.empty());
    return;
  }
  const EventView event = ViewOf(FuzzEvent());
  std::vector<v1::Reason> reasons;
  ExplainMatch(condition->root(), event, /*origin=*/"", reasons);
  if (!condition->Matches(event)) {
    GATEWATCH_CHECK(reasons.empty());
    return;
  }
  GATEWATCH_CHECK(Routes(condition->types(), event.event->syscall()));
}

}  // namespace
}  // namespace gatewatch::detection

// What parses has a text that parses back to the same; what compiles can be
// matched and explained, and is routed to the events that it matches.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace detection = gatewatch::detection;
  if (size > detection::kLongest) return 0;
  detection::ParseError error;
  const detection::ExpressionPtr expression = detection::ParseCondition(
      {reinterpret_cast<const char*>(data), size}, nullptr, error);
  if (expression == nullptr) {
    GATEWATCH_CHECK(!error.what.empty());
    GATEWATCH_CHECK(error.position <= size);
    return 0;
  }
  detection::CheckText(*expression);
  detection::CheckMatch(*expression);
  return 0;
}
