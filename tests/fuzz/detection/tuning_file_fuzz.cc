#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "detection/rule_set.h"
#include "tests/fuzz/detection/fuzz_event.h"

// A tuning file is taken, or refused with the place of the error; what is
// taken judges whatever matches, and names what silences it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace detection = gatewatch::detection;
  constexpr char kRules[] =
      "- macro: m\n  condition: proc.name exists\n"
      "- rule: a\n  desc: d\n  condition: evt.type exists\n  output: o\n"
      "  priority: INFO\n";
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto rules =
      detection::RuleSet::Load({{.name = "r", .text = kRules},
                                {.name = "t", .text = text, .tuning = true}});
  if (!rules.ok()) {
    GATEWATCH_CHECK(absl::StartsWith(rules.status().message(), "t:"));
    return 0;
  }
  const detection::EventView event = detection::ViewOf(detection::FuzzEvent());
  const auto& silences = (*rules)->silences();
  for (const auto& match : (*rules)->Matches(event)) {
    GATEWATCH_CHECK(match.silence == nullptr ||
                    (match.silence >= silences.data() &&
                     match.silence < silences.data() + silences.size()));
  }
  GATEWATCH_CHECK((*rules)->Explain("a", event).ok());
  return 0;
}
