#include "tests/unit/detection/sigma_samples.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/json_event.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {

std::string SigmaRuleOf(const std::string& detection) {
  return absl::StrCat(
      "title: T\nlogsource: {product: json}\ndetection: ", detection, "\n");
}

bool SigmaFires(const std::string& file, const std::string& event) {
  const Loaded rules = LoadText(file);
  if (!rules.ok()) FAIL(file << ": " << rules.status());
  const auto json = JsonEvent::Parse(event);
  if (!json.ok()) FAIL(event << ": " << json.status());
  for (const v1::Rule& rule : (*rules)->unsupported()) FAIL(rule.reason());
  const bool fires = !(*rules)->Matches(ViewOf(*json)).empty();
  const auto why_not = (*rules)->Explain("T", ViewOf(*json));
  CHECK(why_not->has_value() == !fires);
  return fires;
}

bool SigmaHolds(const std::string& key, const std::string& value,
                const std::string& event) {
  return SigmaFires(SigmaRuleOf(absl::StrCat("{s: {\"", key, "\": ", value,
                                             "}, condition: s}")),
                    event);
}

std::string SigmaStatusOf(const std::string& file) {
  const RuleReport report = RuleSet::Check({{"rules.yaml", file}});
  REQUIRE(report.rules.size() == 1);
  return absl::StrCat(report.rules[0].status(), ": ", report.rules[0].reason());
}

}  // namespace gatewatch::detection
