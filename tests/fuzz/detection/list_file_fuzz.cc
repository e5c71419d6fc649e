#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "detection/rule_set.h"
#include "tests/fuzz/detection/fuzz_event.h"

// A list file replaces a list of each kind, or is refused with the place of
// the error; the rules that use it can then be matched.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace detection = gatewatch::detection;
  constexpr char kRules[] =
      "- list: addresses\n  items: [10.0.0.0/8]\n"
      "- list: domains\n  items: [a.example]\n"
      "- list: words\n  items: [a, b.c]\n"
      "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n"
      "  condition: fd.sip in (addresses) or proc.name in (words) or"
      " dns.question.domains in (domains)\n";
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char* list : {"addresses", "domains", "words"}) {
    const auto rules =
        detection::RuleSet::Load({{.name = "r", .text = kRules},
                                  {.name = "f", .text = text, .list = list}});
    if (!rules.ok()) {
      GATEWATCH_CHECK(absl::StartsWith(rules.status().message(), "f:") ||
                      absl::StartsWith(rules.status().message(), "r:"));
      continue;
    }
    (*rules)->Matches(detection::ViewOf(detection::FuzzEvent()));
  }
  return 0;
}
