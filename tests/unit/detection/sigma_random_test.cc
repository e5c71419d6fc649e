// Random Sigma rules against an evaluator that is obviously right: events of
// few flat fields, patterns matched by trying all ways.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/json_event.h"
#include "tests/unit/detection/random_rules.h"
#include "tests/unit/detection/random_sigma.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

using Fields = std::vector<SigmaValue>;
using Kind = SigmaCondition::Kind;

bool IsLike(absl::string_view pattern, absl::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t i = 0; i <= text.size(); ++i) {
      if (IsLike(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  return (pattern[0] == '?' || pattern[0] == text[0]) &&
         IsLike(pattern.substr(1), text.substr(1));
}

bool Holds(const SigmaTest& test, const SigmaValue& value,
           const SigmaValue& field) {
  if (!value || !field) return !value && !field;
  std::string pattern = *value;
  if (test.shape == "contains" || test.shape == "endswith") {
    pattern = "*" + pattern;
  }
  if (test.shape == "contains" || test.shape == "startswith") pattern += "*";
  if (test.cased) return IsLike(pattern, *field);
  return IsLike(absl::AsciiStrToLower(pattern), absl::AsciiStrToLower(*field));
}

bool Holds(const SigmaTest& test, const Fields& fields) {
  const auto holds = [&](const SigmaValue& value) {
    return Holds(test, value, fields[test.field]);
  };
  const auto& values = test.values;
  if (test.differs) return std::none_of(values.begin(), values.end(), holds);
  return test.all ? std::all_of(values.begin(), values.end(), holds)
                  : std::any_of(values.begin(), values.end(), holds);
}

// Of a rule whose selections have one map each.
bool Holds(const SigmaCondition& condition, const SigmaRule& rule,
           const Fields& fields) {
  const auto& parts = condition.parts;
  const auto holds = [&](const SigmaCondition& part) {
    return Holds(part, rule, fields);
  };
  if (condition.kind == Kind::kNot) return !holds(parts[0]);
  if (condition.kind == Kind::kAnd) {
    return std::all_of(parts.begin(), parts.end(), holds);
  }
  if (condition.kind == Kind::kOr) {
    return std::any_of(parts.begin(), parts.end(), holds);
  }
  for (const SigmaSelection& selection : rule.selections) {
    if (selection.name != condition.name) continue;
    const std::vector<SigmaTest>& map = selection.maps[0];
    return std::all_of(map.begin(), map.end(), [&](const SigmaTest& test) {
      return Holds(test, fields);
    });
  }
  return false;
}

}  // namespace

TEST_CASE("random Sigma rules match as one that tries all ways says",
          "[sigma]") {
  constexpr uint32_t kSets = 20;
  constexpr size_t kRules = 200;
  constexpr size_t kEvents = 250;
  size_t pairs = 0, matches = 0;
  for (uint32_t seed = 1; seed <= kSets; ++seed) {
    RandomSigma random(seed);
    RandomRules falco(seed);
    std::vector<SigmaRule> rules;
    std::string sigma_text;
    for (size_t i = 0; i < kRules; ++i) {
      rules.push_back(random.FlatRule());
      sigma_text += ToYaml(rules.back(), absl::StrCat("r", i));
    }
    // Falco's rules next to them change nothing.
    const std::string falco_text =
        RuleText("falco", absl::StrCat("'", falco.Condition(2), "'"));
    const Loaded set =
        RuleSet::Load({{"f.yaml", falco_text}, {"s.yaml", sigma_text}});
    if (!set.ok()) FAIL(set.status());
    for (size_t i = 0; i < kEvents; ++i) {
      const Fields fields = random.Fields();
      std::vector<std::string> expected;
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        if (!Holds(rules[rule].condition, rules[rule], fields)) continue;
        expected.push_back(absl::StrCat("r", rule));
      }
      const auto json = JsonEvent::Parse(ToJson(fields));
      REQUIRE(json.ok());
      std::vector<std::string> found;
      for (const Match& match : (*set)->Matches(ViewOf(*json))) {
        found.push_back(match.rule->name());
      }
      pairs += rules.size();
      matches += found.size();
      if (found == expected) continue;
      INFO("seed " << seed << " event " << ToJson(fields));
      REQUIRE(found == expected);
    }
  }
  CHECK(pairs == 1'000'000);
  CHECK(matches > pairs / 20);
  CHECK(matches < pairs * 9 / 10);
}

}  // namespace gatewatch::detection
