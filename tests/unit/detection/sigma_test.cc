// Sigma's files: what is read, what is refused, what is told of it.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "catch2/catch.hpp"
#include "detection/json_event.h"
#include "tests/unit/detection/samples.h"
#include "tests/unit/detection/sigma_samples.h"

namespace gatewatch::detection {

TEST_CASE("a map needs all its fields, a list of maps one of them", "[sigma]") {
  const std::string map = SigmaRuleOf("{s: {a: 1, b: 2}, condition: s}");
  CHECK(SigmaFires(map, R"({"a":1,"b":2})"));
  CHECK_FALSE(SigmaFires(map, R"({"a":1})"));
  const std::string list =
      SigmaRuleOf("{s: [{a: 1, b: 2}, {c: 3}], condition: s}");
  CHECK(SigmaFires(list, R"({"c":3})"));
  CHECK_FALSE(SigmaFires(list, R"({"a":1})"));
}

TEST_CASE("a rule about JSON events needs nothing of the rungs", "[sigma]") {
  CHECK(SigmaStatusOf(SigmaRuleOf("{s: {a: 1}, condition: s}")) ==
        "supported: ");
}

TEST_CASE("keywords are sought in every value of the event", "[sigma]") {
  const std::string any = SigmaRuleOf("{k: ['b*d', 42], condition: k}");
  CHECK(SigmaFires(any, R"({"x":{"y":["aBxDe"]}})"));
  CHECK(SigmaFires(any, R"({"x":[1,{"n":42}]})"));
  CHECK_FALSE(SigmaFires(any, R"({"bd":1})"));  // a key is no value
  const std::string all = SigmaRuleOf("{k: {'|all': [ab, cd]}, condition: k}");
  CHECK(SigmaFires(all, R"({"x":"AB","y":"xcd"})"));
  CHECK_FALSE(SigmaFires(all, R"({"x":"ab"})"));
  const std::string regex = SigmaRuleOf("{k: {'|re': '^a.c$'}, condition: k}");
  CHECK(SigmaFires(regex, R"({"x":"abc"})"));
  CHECK_FALSE(SigmaFires(regex, R"({"x":"abcd"})"));
}

TEST_CASE("placeholders take the values of a definitions file", "[sigma]") {
  const std::string rule =
      SigmaRuleOf("{s: {f|expand: '%users%@%d%\\%x%'}, condition: s}");
  CHECK_THAT(SigmaStatusOf(rule),
             Catch::Contains("no values for the placeholder %users%"));
  const std::string file =
      rule + "---\nsigma: {placeholders: {users: [root, 'adm*'], d: a}}\n";
  CHECK(SigmaFires(file, R"({"f":"admin@a%x%"})"));
  CHECK(SigmaFires(file, R"({"f":"ROOT@a%x%"})"));
  CHECK_FALSE(SigmaFires(file, R"({"f":"guest@a%x%"})"));
  CHECK(SigmaHolds("f", "'%users%'", R"({"f":"%users%"})"));
}

TEST_CASE("a filter takes away from the rules that it names", "[sigma]") {
  const std::string rule =
      absl::StrCat("id: 1-2\n", SigmaRuleOf("{s: {a: 1}, condition: s}"));
  const auto with = [&](const std::string& filter) {
    return absl::StrCat(rule, "---\ntitle: F\nlogsource: {product: json}\n",
                        "filter: ", filter, "\n");
  };
  const std::string both = R"({"a":1,"b":1})";
  for (const char* filter :
       {"{rules: [1-2], s: {b: 1}, condition: s}",
        "{rules: [T], s: {b: 1}, condition: not s}",
        "{rules: any, s: {b: 1}, condition: s}", "{s: {b: 1}, condition: s}"}) {
    CAPTURE(filter);
    CHECK_FALSE(SigmaFires(with(filter), both));
    CHECK(SigmaFires(with(filter), R"({"a":1})"));
  }
  CHECK(SigmaFires(with("{rules: [other], s: {b: 1}, condition: s}"), both));
  std::vector<std::string> warnings;
  REQUIRE(RuleSet::Load({{"f", with("{rules: [z], s: [x], condition: s}")}},
                        &warnings)
              .ok());
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::Contains("the filter F is for no rule"));
}

TEST_CASE("what cannot work is unsupported by name and reason", "[sigma]") {
  struct Row {
    const char* file;
    const char* reason;
  };
  const Row rows[] = {
      {"{s: {a: 1}, condition: s | count() > 3}", "aggregation"},
      {"{s: {a: 1}, condition: near s}", "aggregation"},
      {"{s: {a: 1}, timeframe: 5m, condition: s}", "timeframe"},
      {"{s: {a|frob: 1}, condition: s}", "there is no modifier frob"},
      {"{s: {a|re: '(?=x)'}, condition: s}", "no expression of RE2's"},
      {"{s: {a|windash: '-a -a -a -a -a -a'}, condition: s}",
       "stands for more than"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const std::string reason = SigmaStatusOf(SigmaRuleOf(row.file));
    CHECK_THAT(reason, Catch::StartsWith("unsupported: ") &&
                           Catch::Contains(row.reason));
    CHECK(LoadText(SigmaRuleOf(row.file)).ok());
  }
  CHECK(SigmaStatusOf(
            "title: W\nlogsource: {product: windows, category: "
            "process_creation}\ndetection: {s: {a: 1}, condition: s}") ==
        "unsupported: no events of the log source windows/process_creation");
}

TEST_CASE("what is wrong is refused with its place", "[sigma]") {
  struct Row {
    const char* detection;
    const char* error;
  };
  const Row rows[] = {
      {"{s: {a: 1}, condition: t}", "there is no selection t"},
      {"{s: {a: 1}, condition: s and}", "expected a selection"},
      {"{s: {a: 1}, condition: (s}", "expected \")\""},
      {"{s: {a: 1}, condition: s s}", "expected and, or"},
      {"{s: {a: 1}, condition: 2 of s*}", "expected 1, any or all"},
      {"{s: {a: 1}, condition: 1 of t*}", "no selection is one of t*"},
      {"{s: {a: 1}}", "there is no condition"},
      {"{s: {a: {b: 1}}, condition: s}", "a value is a text"},
      {"{s: {a: []}, condition: s}", "has no values"},
      {"{s: {}, condition: s}", "an empty selection"},
      {"{s: {a|gt: x}, condition: s}", "not a number"},
      {"{s: {a|cidr: x}, condition: s}", "not an address block"},
      {"{s: {a|exists: x}, condition: s}", "true or false"},
      {"{s: {a|base64: 'x*'}, condition: s}", "takes no wildcards"},
      {"{s: {a|re|contains: x}, condition: s}", "are about texts"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.detection);
    const Loaded rules = LoadText(SigmaRuleOf(row.detection));
    REQUIRE_FALSE(rules.ok());
    CHECK_THAT(std::string(rules.status().message()),
               Catch::StartsWith("rules.yaml:") && Catch::Contains(row.error));
  }
}

TEST_CASE("a correlation is checked and kept, and its rules stay quiet",
          "[sigma]") {
  const std::string base =
      absl::StrCat("name: base\nid: b1\n",
                   SigmaRuleOf("{s: {a: 1}, condition: s}"), "---\n");
  const auto file = [&](const std::string& correlation) {
    return absl::StrCat(
        base, "title: C\nlevel: high\ncorrelation: ", correlation, "\n");
  };
  const std::string good =
      "{type: event_count, rules: [base], timespan: 5m, group-by: [u], "
      "condition: {gte: 3}}";
  const RuleReport report = RuleSet::Check({{"f", file(good)}});
  REQUIRE(report.errors.empty());
  REQUIRE(report.rules.size() == 2);
  CHECK_FALSE(report.rules[0].enabled());
  CHECK_THAT(report.rules[0].reason(), Catch::Contains("correlation C"));
  CHECK(report.rules[1].status() == "degraded");
  CHECK_FALSE(SigmaFires(file(good), R"({"b":1})"));
  const auto json = JsonEvent::Parse(R"({"a":1})");
  const Loaded quiet = LoadText(file(good));
  CHECK((*quiet)->Matches(ViewOf(*json)).empty());
  CHECK(absl::IsUnimplemented((*quiet)->Explain("C", ViewOf(*json)).status()));
  const Loaded loud = LoadText(file(
      absl::StrReplaceAll(good, {{"timespan", "generate: true, timespan"}})));
  CHECK((*loud)->Matches(ViewOf(*json)).size() == 1);
  for (const char* wrong :
       {"{type: x, rules: [base], timespan: 5m}",
        "{type: temporal, rules: [base], timespan: 5}",
        "{type: temporal, timespan: 5m}",
        "{type: event_count, rules: [base], timespan: 5m}",
        "{type: value_count, rules: [base], timespan: 5m, condition: {gt: 1}}",
        "{type: event_count, rules: [base], timespan: 5m, condition: {x: "
        "1}}"}) {
    CAPTURE(wrong);
    CHECK_FALSE(LoadText(file(wrong)).ok());
  }
  CHECK(RuleSet::Check(
            {{"f", file("{type: temporal, rules: [z], timespan: 5m}")}})
            .rules[1]
            .reason() == "there is no rule z");
  CHECK(RuleSet::Check(
            {{"f", file("{type: temporal, rules: [C], timespan: 5m}")}})
            .rules[1]
            .reason() == "it leads back to itself");
}

TEST_CASE("a rule says what it is", "[sigma]") {
  const Loaded rules = LoadText(
      "title: T\nid: 12-34\nlevel: high\nunknown: [1]\nrelated: {x: y}\n"
      "tags: [attack.t1552.001, attack.credential-access, cve.2021.1]\n"
      "logsource: {product: linux, category: process_creation}\n"
      "detection: {s: {Image: x}, f: {Nonsense: y}, condition: s and not f}\n"
      "---\ntitle: T\nid: 56\nlogsource: {product: json}\n"
      "detection: {s: {a: 1}, condition: s}\n");
  REQUIRE(rules.ok());
  const v1::Rule* rule = (*rules)->Find("12-34");
  REQUIRE(rule != nullptr);
  CHECK(rule->name() == "T");
  CHECK(rule->severity() == v1::SEVERITY_ERROR);
  CHECK(absl::StrJoin(rule->tags(), " ") ==
        "T1552.001 mitre_credential_access cve.2021.1");
  CHECK(rule->status() == "degraded");
  CHECK_THAT(rule->reason(),
             Catch::Contains("no event has the field Nonsense"));
  CHECK((*rules)->Find("T [56]") != nullptr);
  const auto kinds = (*rules)->NeededKinds();
  REQUIRE(kinds.has_value());
  CHECK(*kinds == std::vector<std::string>{"exec"});
}

TEST_CASE("a rule set holds Falco's and Sigma's rules", "[sigma]") {
  const Loaded rules = RuleSet::Load(
      {{"falco.yaml", RuleText("F", "not proc.name = nobody")},
       {"sigma.yml",
        "title: S\nlogsource: {category: process_creation}\n"
        "detection: {s: {CommandLine|contains: 'SH -C'}, condition: s}"}});
  REQUIRE(rules.ok());
  CHECK(FiredBy(**rules, ShellExec()) == std::vector<std::string>{"F", "S"});
  CHECK(FiredBy(**rules, ShadowOpen()) == std::vector<std::string>{"F"});
  const auto json = JsonEvent::Parse(R"({"CommandLine":"sh -c"})");
  CHECK((*rules)->Matches(ViewOf(*json)).empty());
}

TEST_CASE("hostile Sigma rules and events meet limits", "[sigma][hostile]") {
  const auto fails = [](const std::string& detection) {
    return !LoadText(SigmaRuleOf(detection)).ok();
  };
  const std::string deep =
      absl::StrCat(std::string(300, '('), "s", std::string(300, ')'));
  CHECK(fails(absl::StrCat("{s: [x], condition: ", deep, "}")));
  CHECK(fails(
      absl::StrCat("{s: [x], condition: '", std::string(70'000, ' '), "s'}")));
  std::string values;
  for (int i = 0; i < 50'000; ++i) absl::StrAppend(&values, "v", i, "*x,");
  CHECK(SigmaFires(
      SigmaRuleOf(absl::StrCat("{s: {f: [", values, "w]}, condition: s}")),
      R"({"f":"W"})"));
  // Ten megabytes, and a pattern that backtracking would not survive.
  const std::string large(10 << 20, 'a');
  const std::string event = absl::StrCat(R"({"f":")", large, R"("})");
  CHECK_FALSE(SigmaHolds("f", "'*a*a*a*a*a*a*a*a*b'", event));
  CHECK_FALSE(SigmaHolds("f|re", "'(a*)*b'", event));
  CHECK(SigmaHolds("f|contains", "'aAa'", event));
  CHECK_FALSE(JsonEvent::Parse(std::string(100'000, '[')).ok());
  std::string nested = "1";
  for (int i = 0; i < 70; ++i) nested = absl::StrCat(R"({"a":)", nested, "}");
  CHECK_FALSE(JsonEvent::Parse(nested).ok());
  for (const char* text : {"", "1", "[]", "{", "{}x", "{\"a\":\"\xff\"}"}) {
    CHECK_FALSE(JsonEvent::Parse(text).ok());
  }
}

}  // namespace gatewatch::detection
