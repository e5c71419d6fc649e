// Random Sigma rules against an evaluator that is obviously right: events of
// few flat fields, patterns matched by trying all ways.

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "detection/json_event.h"
#include "tests/unit/detection/random_rules.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kFields = 3;

struct Event {
  std::vector<std::optional<std::string>> fields;  // nothing: not there
};

// field|shape|cased|all: values
struct Test {
  size_t field = 0;
  std::string shape;  // "", "contains", "startswith", "endswith"
  bool cased = false, all = false, differs = false;
  std::vector<std::optional<std::string>> values;
};

// Tests that all have to hold; a rule has alternatives of these, some negated.
struct Rule {
  struct Part {
    std::vector<Test> tests;
    bool negated = false;
  };
  std::vector<std::vector<Part>> alternatives;
};

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

bool Holds(const Test& test, const std::optional<std::string>& value,
           const Event& event) {
  const std::optional<std::string>& field = event.fields[test.field];
  if (!value || !field) return !value && !field;
  std::string pattern = *value;
  if (test.shape == "contains" || test.shape == "endswith") {
    pattern = "*" + pattern;
  }
  if (test.shape == "contains" || test.shape == "startswith") pattern += "*";
  if (test.cased) return IsLike(pattern, *field);
  return IsLike(absl::AsciiStrToLower(pattern), absl::AsciiStrToLower(*field));
}

bool Holds(const Test& test, const Event& event) {
  const auto holds = [&](const auto& value) {
    return Holds(test, value, event);
  };
  const auto& values = test.values;
  if (test.differs) return std::none_of(values.begin(), values.end(), holds);
  return test.all ? std::all_of(values.begin(), values.end(), holds)
                  : std::any_of(values.begin(), values.end(), holds);
}

bool Holds(const Rule& rule, const Event& event) {
  for (const auto& parts : rule.alternatives) {
    bool all = true;
    for (const Rule::Part& part : parts) {
      bool holds = true;
      for (const Test& test : part.tests) holds &= Holds(test, event);
      all &= holds != part.negated;
    }
    if (all) return true;
  }
  return false;
}

class RandomSigma {
 public:
  explicit RandomSigma(uint32_t seed) : random_(seed) {}

  Event MakeEvent() {
    Event event;
    for (size_t i = 0; i < kFields; ++i) {
      event.fields.emplace_back();
      if (Below(6) > 0) event.fields.back() = Text(5);
    }
    return event;
  }

  Rule MakeRule() {
    Rule rule;
    for (size_t i = 1 + Below(2); i > 0; --i) {
      std::vector<Rule::Part>& parts = rule.alternatives.emplace_back();
      for (size_t j = 1 + Below(3); j > 0; --j) {
        Rule::Part& part = parts.emplace_back();
        part.negated = Below(3) == 0;
        // Keys of one map have to differ, so each test has its own field.
        for (size_t field = Below(2); field < kFields; field += 1 + Below(3)) {
          part.tests.push_back(MakeTest(field));
        }
      }
    }
    return rule;
  }

 private:
  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  std::string Text(size_t longest) {
    constexpr absl::string_view kLetters = "abAB.";
    std::string text;
    for (size_t size = Below(longest + 1); size > 0; --size) {
      text += kLetters[Below(kLetters.size())];
    }
    return text;
  }

  Test MakeTest(size_t field) {
    const std::vector<std::string> shapes = {"", "contains", "startswith",
                                             "endswith"};
    Test test;
    test.field = field;
    test.shape = shapes[Below(shapes.size())];
    test.cased = Below(4) == 0;
    test.differs = Below(6) == 0;
    test.all = Below(3) == 0;
    for (size_t i = 1 + Below(3); i > 0; --i) {
      test.values.emplace_back();
      if (Below(8) == 0) continue;
      std::string pattern = Text(3);
      for (char& c : pattern) {
        if (Below(6) == 0) c = Below(2) == 0 ? '*' : '?';
      }
      test.values.back() = pattern;
    }
    return test;
  }

  std::mt19937 random_;
};

std::string Quoted(const std::optional<std::string>& text) {
  return text ? absl::StrCat("\"", *text, "\"") : "null";
}

std::string ToYaml(const Test& test) {
  return absl::StrCat(
      "\"f", test.field, test.shape.empty() ? "" : "|", test.shape,
      test.cased ? "|cased" : "", test.differs ? "|neq" : "",
      test.all ? "|all" : "", "\": [",
      absl::StrJoin(
          test.values, ", ",
          [](std::string* out, const auto& value) { *out += Quoted(value); }),
      "]");
}

std::string ToYaml(const Rule& rule, size_t number) {
  std::string text = absl::StrCat("---\ntitle: r", number,
                                  "\nlogsource: {product: json}\ndetection:\n");
  std::vector<std::string> alternatives;
  size_t name = 0;
  for (const auto& parts : rule.alternatives) {
    std::vector<std::string> words;
    for (const Rule::Part& part : parts) {
      std::vector<std::string> tests;
      for (const Test& test : part.tests) tests.push_back(ToYaml(test));
      absl::StrAppend(&text, "  s", name, ": {", absl::StrJoin(tests, ", "),
                      "}\n");
      words.push_back(absl::StrCat(part.negated ? "not s" : "s", name++));
    }
    alternatives.push_back(absl::StrJoin(words, " and "));
  }
  return absl::StrCat(
      text, "  condition: ", absl::StrJoin(alternatives, " or "), "\n");
}

std::string ToJson(const Event& event) {
  std::vector<std::string> fields;
  for (size_t i = 0; i < event.fields.size(); ++i) {
    if (!event.fields[i]) continue;
    fields.push_back(absl::StrCat("\"f", i, "\":", Quoted(event.fields[i])));
  }
  return absl::StrCat("{", absl::StrJoin(fields, ","), "}");
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
    std::vector<Rule> rules;
    std::string sigma_text;
    for (size_t i = 0; i < kRules; ++i) {
      rules.push_back(random.MakeRule());
      sigma_text += ToYaml(rules.back(), i);
    }
    // Falco's rules next to them change nothing.
    const std::string falco_text =
        RuleText("falco", absl::StrCat("'", falco.Condition(2), "'"));
    const Loaded set =
        RuleSet::Load({{"f.yaml", falco_text}, {"s.yaml", sigma_text}});
    if (!set.ok()) FAIL(set.status());
    for (size_t i = 0; i < kEvents; ++i) {
      const Event event = random.MakeEvent();
      std::vector<std::string> expected;
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        if (!Holds(rules[rule], event)) continue;
        expected.push_back(absl::StrCat("r", rule));
      }
      const auto json = JsonEvent::Parse(ToJson(event));
      REQUIRE(json.ok());
      std::vector<std::string> found;
      for (const Match& match : (*set)->Matches(ViewOf(*json))) {
        found.push_back(match.rule->name());
      }
      pairs += rules.size();
      matches += found.size();
      if (found == expected) continue;
      INFO("seed " << seed << " event " << ToJson(event));
      REQUIRE(found == expected);
    }
  }
  CHECK(pairs == 1'000'000);
  CHECK(matches > pairs / 20);
  CHECK(matches < pairs * 9 / 10);
}

}  // namespace gatewatch::detection
