// What a rule matches depends on what it means, not on how it is written.

#include "tests/unit/detection/sigma_rewriting.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/json_event.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kRules = 40;  // a set, each with its rewritten twin
constexpr size_t kEvents = 60;

struct Pair {
  SigmaRule written, rewritten;
};

std::string ToYaml(const Pair& pair, size_t number) {
  return absl::StrCat(ToYaml(pair.written, absl::StrCat("r", number)),
                      ToYaml(pair.rewritten, absl::StrCat("w", number)));
}

Loaded Load(const std::vector<Pair>& pairs) {
  std::string text;
  for (size_t i = 0; i < pairs.size(); ++i) text += ToYaml(pairs[i], i);
  return LoadText(text);
}

std::set<std::string> Matched(const RuleSet& set, const std::string& event) {
  const auto json = JsonEvent::Parse(event);
  REQUIRE(json.ok());
  std::set<std::string> names;
  for (const Match& match : set.Matches(ViewOf(*json))) {
    names.insert(match.rule->name());
  }
  return names;
}

}  // namespace

TEST_CASE("rewriting a rule into an equivalent one never changes the result",
          "[sigma]") {
  constexpr uint32_t kSets = 20;
  size_t pairs = 0, matches = 0;
  std::map<std::string, size_t> uses;
  for (uint32_t seed = 1; seed <= kSets; ++seed) {
    RandomSigma random(seed);
    SigmaRewriting rewriting(random);
    std::vector<Pair> rules(kRules);
    for (Pair& pair : rules) {
      pair.written = random.Rule();
      pair.rewritten = rewriting.Rewritten(pair.written);
    }
    const Loaded set = Load(rules);
    if (!set.ok()) FAIL("seed " << seed << ": " << set.status());
    for (size_t i = 0; i < kEvents; ++i) {
      const std::string event = random.Event();
      const std::set<std::string> matched = Matched(**set, event);
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        const bool one = matched.contains(absl::StrCat("r", rule));
        const bool other = matched.contains(absl::StrCat("w", rule));
        ++pairs;
        matches += one ? 1 : 0;
        if (one == other) continue;
        INFO("seed " << seed << ", event " << event);
        INFO(ToYaml(rules[rule], rule));
        REQUIRE(one == other);
      }
    }
    for (const auto& [law, count] : rewriting.uses()) uses[law] += count;
  }
  CHECK(pairs == kSets * kRules * kEvents);
  // It would prove nothing if rules hardly ever matched, or always did, …
  CHECK(matches > pairs / 5);
  CHECK(matches < pairs * 4 / 5);
  // … or if laws were left out.
  for (const auto& [law, count] : uses) {
    CAPTURE(law);
    CHECK(count > 15);
  }
}

}  // namespace gatewatch::detection
