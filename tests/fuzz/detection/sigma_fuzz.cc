#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "detection/json_event.h"
#include "detection/rule_set.h"
#include "tests/fuzz/detection/fuzz_event.h"

// The file before the first line "---JSON" is a rule file that loads, or is
// refused with the place of the error; what stands behind is an event that its
// rules are matched with, besides one of an agent's.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace detection = gatewatch::detection;
  const std::string all(reinterpret_cast<const char*>(data), size);
  const std::string separator = "---JSON\n";
  const size_t end = all.find(separator);
  const std::string text = all.substr(0, end);
  const auto report = detection::RuleSet::Check({{"f", text}});
  for (const auto& rule : report.rules) {
    GATEWATCH_CHECK((rule.status() == "supported") == rule.reason().empty());
  }
  const auto rules = detection::RuleSet::Load({{"f", text}});
  if (!rules.ok()) {
    GATEWATCH_CHECK(absl::StartsWith(rules.status().message(), "f:"));
    return 0;
  }
  const auto check = [&](const detection::EventView& event) {
    for (const auto& match : (*rules)->Matches(event)) {
      const auto why_not = (*rules)->Explain(match.rule->name(), event);
      GATEWATCH_CHECK(why_not.ok() && !why_not->has_value());
    }
  };
  check(detection::ViewOf(detection::FuzzEvent()));
  if (end == all.npos) return 0;
  const auto json = detection::JsonEvent::Parse(
      absl::string_view(all).substr(end + separator.size()));
  if (json.ok()) check(detection::ViewOf(*json));
  return 0;
}
