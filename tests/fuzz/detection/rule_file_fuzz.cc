#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "detection/rule_set.h"
#include "tests/fuzz/detection/fuzz_event.h"

// A rule file loads, or is refused with the place of the error, and each of
// its rules is judged; what loads can be matched and explained, and prints
// nothing that drives a terminal.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace detection = gatewatch::detection;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto report = detection::RuleSet::Check({{"f", text}});
  for (const auto& rule : report.rules) {
    GATEWATCH_CHECK((rule.status() == "supported") == rule.reason().empty());
  }
  std::vector<std::string> warnings;
  const auto rules = detection::RuleSet::Load({{"f", text}}, &warnings);
  if (!rules.ok()) {
    GATEWATCH_CHECK(absl::StartsWith(rules.status().message(), "f:"));
    return 0;
  }
  GATEWATCH_CHECK(report.errors.empty());
  const auto& event = detection::FuzzEvent();
  for (const auto& rule : (*rules)->rules()) {
    GATEWATCH_CHECK(
        (*rules)->Explain(rule.name(), detection::ViewOf(event)).ok());
  }
  for (const auto& match : (*rules)->Matches(detection::ViewOf(event))) {
    GATEWATCH_CHECK(match.rule->enabled());
    GATEWATCH_CHECK((*rules)->Find(match.rule->name()) == match.rule);
  }
  return 0;
}
