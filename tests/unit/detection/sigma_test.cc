// Sigma's specification 2.1.0, clause by clause, over JSON events.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "catch2/catch.hpp"
#include "detection/json_event.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

constexpr char kHead[] = "title: T\nlogsource: {product: json}\n";

std::string RuleOf(const std::string& detection) {
  return absl::StrCat(kHead, "detection: ", detection, "\n");
}

// Whether a file of one rule fires for the event.
bool Fires(const std::string& file, const std::string& event) {
  const Loaded rules = LoadText(file);
  if (!rules.ok()) FAIL(file << ": " << rules.status());
  const auto json = JsonEvent::Parse(event);
  if (!json.ok()) FAIL(event << ": " << json.status());
  for (const v1::Rule& rule : (*rules)->unsupported()) FAIL(rule.reason());
  const bool fires = !(*rules)->Matches(ViewOf(*json)).empty();
  // What says why it does not agrees.
  const auto why_not = (*rules)->Explain("T", ViewOf(*json));
  CHECK(why_not->has_value() == !fires);
  return fires;
}

// Of a selection {key: value} alone.
bool Holds(const std::string& key, const std::string& value,
           const std::string& event) {
  return Fires(
      RuleOf(absl::StrCat("{s: {\"", key, "\": ", value, "}, condition: s}")),
      event);
}

std::string ReasonOf(const std::string& file) {
  const RuleReport report = RuleSet::Check({{"rules.yaml", file}});
  REQUIRE(report.rules.size() == 1);
  return absl::StrCat(report.rules[0].status(), ": ", report.rules[0].reason());
}

struct ClauseRow {
  const char* clause;
  const char* key;
  const char* value;  // YAML
  const char* holds;  // JSON
  const char* fails;
};

const ClauseRow kClauses[] = {
    {"texts ignore case", "f", "'aBc'", R"({"f":"AbC"})", R"({"f":"abcd"})"},
    {"* is any text", "f", "'a*c'", R"({"f":"axxC"})", R"({"f":"axxd"})"},
    {"* may be none", "f", "'a*c'", R"({"f":"ac"})", R"({"f":"a"})"},
    {"? is one character", "f", "'a?c'", R"({"f":"aéc"})", R"({"f":"ac"})"},
    {"an escaped * is one", "f", R"('a\*c')", R"({"f":"a*c"})",
     R"({"f":"abc"})"},
    {"an escaped ? is one", "f", R"('a\?')", R"({"f":"a?"})", R"({"f":"ab"})"},
    {"a backslash is one", "f", R"('a\b')", R"({"f":"a\\b"})", R"({"f":"ab"})"},
    {"two are one", "f", R"('a\\b')", R"({"f":"a\\b"})", R"({"f":"a\\\\b"})"},
    {"two before * are one and any", "f", R"('a\\*')", R"({"f":"a\\xyz"})",
     R"({"f":"axyz"})"},
    {"three before * are two texts", "f", R"('a\\\*')", R"({"f":"a\\*"})",
     R"({"f":"a\\x"})"},
    {"four are two", "f", R"('a\\\\b')", R"({"f":"a\\\\b"})",
     R"({"f":"a\\b"})"},
    {"values of a list are alternatives", "f", "[a, b]", R"({"f":"b"})",
     R"({"f":"c"})"},
    {"a number is a number", "f", "4444", R"({"f":4444})", R"({"f":444})"},
    {"a number is a text", "f", "4444", R"({"f":"4444"})", R"({"f":"44440"})"},
    {"a text is a number", "f", "'4444'", R"({"f":4444})", R"({"f":44})"},
    {"a truth value is a text", "f", "true", R"({"f":true})", R"({"f":false})"},
    {"null is a field not there", "f", "null", R"({"g":1})", R"({"f":""})"},
    {"null is null", "f", "null", R"({"f":null})", R"({"f":0})"},
    {"null in a list", "f", "[null, x]", R"({})", R"({"f":"y"})"},
    {"an empty text is one", "f", "''", R"({"f":""})", R"({"f":null})"},
    {"a lone * is any text", "f", "'*'", R"({"f":""})", R"({"f":null})"},
    {"contains", "f|contains", "bc", R"({"f":"aBCd"})", R"({"f":"bdc"})"},
    {"contains *", "f|contains", "'*'", R"({"f":"x"})", R"({})"},
    {"contains a wildcard", "f|contains", "'b*d'", R"({"f":"abxxde"})",
     R"({"f":"adbe"})"},
    {"contains an escape", "f|contains", R"('b\*')", R"({"f":"ab*c"})",
     R"({"f":"abc"})"},
    {"startswith", "f|startswith", "ab", R"({"f":"ABc"})", R"({"f":"cab"})"},
    {"startswith a wildcard", "f|startswith", "'a?c'", R"({"f":"abcd"})",
     R"({"f":"xabc"})"},
    {"endswith", "f|endswith", "bc", R"({"f":"aBC"})", R"({"f":"bca"})"},
    {"endswith a backslash", "f|endswith", R"('\x')", R"({"f":"a\\X"})",
     R"({"f":"ax"})"},
    {"contains all", "f|contains|all", "[a, b]", R"({"f":"xbya"})",
     R"({"f":"a"})"},
    {"cased", "f|cased", "aB", R"({"f":"aB"})", R"({"f":"ab"})"},
    {"contains cased", "f|contains|cased", "aB", R"({"f":"xaBx"})",
     R"({"f":"xabx"})"},
    {"startswith cased", "f|startswith|cased", "aB", R"({"f":"aBx"})",
     R"({"f":"abx"})"},
    {"endswith cased", "f|cased|endswith", "aB", R"({"f":"xaB"})",
     R"({"f":"xab"})"},
    {"cased with a wildcard", "f|cased", "'a*B'", R"({"f":"axB"})",
     R"({"f":"axb"})"},
    {"re searches", "f|re", "'b+c'", R"({"f":"abbcd"})", R"({"f":"ac"})"},
    {"re minds case", "f|re", "abc", R"({"f":"xabc"})", R"({"f":"ABC"})"},
    {"re anchors", "f|re", "'^a.c$'", R"({"f":"abc"})", R"({"f":"xabc"})"},
    {"re|i", "f|re|i", "ABC", R"({"f":"xabc"})", R"({"f":"abd"})"},
    {"re: . is no line end", "f|re", "'a.c'", R"({"f":"abc"})",
     R"({"f":"a\nc"})"},
    {"re|s", "f|re|s", "'a.c'", R"({"f":"a\nc"})", R"({"f":"ac"})"},
    {"re|m", "f|re|m", "'^b$'", R"({"f":"a\nb\nc"})", R"({"f":"abc"})"},
    {"re|i|s", "f|re|i|s", "'A.C'", R"({"f":"a\nc"})", R"({"f":"ac"})"},
    {"cidr", "f|cidr", "10.1.0.0/16", R"({"f":"10.1.2.3"})",
     R"({"f":"10.2.2.3"})"},
    {"cidr of IPv6", "f|cidr", "'2001:db8::/32'", R"({"f":"2001:db8::1"})",
     R"({"f":"2001:db9::1"})"},
    {"cidr of no address", "f|cidr", "[10.0.0.0/8, 0.0.0.0/0]",
     R"({"f":"11.0.0.1"})", R"({"f":"10.1.2"})"},
    {"exists", "f|exists", "true", R"({"f":""})", R"({"g":1})"},
    {"exists minds no null", "f|exists", "true", R"({"f":null})", R"({})"},
    {"exists not", "f|exists", "false", R"({"g":1})", R"({"f":null})"},
    {"fieldref", "f|fieldref", "g", R"({"f":"a","g":"A"})",
     R"({"f":"a","g":"b"})"},
    {"fieldref of one not there", "f|fieldref", "g", R"({"f":"*","g":"*"})",
     R"({"f":"a"})"},
    {"fieldref knows no wildcards", "f|fieldref", "g", R"({"f":"x","g":"x"})",
     R"({"f":"x","g":"*"})"},
    {"fieldref with startswith", "f|fieldref|startswith", "g",
     R"({"f":"abc","g":"AB"})", R"({"f":"abc","g":"bc"})"},
    {"fieldref with endswith", "f|fieldref|endswith", "g",
     R"({"f":"abc","g":"BC"})", R"({"f":"abc","g":"ab"})"},
    {"fieldref with contains", "f|fieldref|contains", "g",
     R"({"f":"abc","g":"B"})", R"({"f":"abc","g":"d"})"},
    {"fieldref differs", "f|fieldref|neq", "g", R"({"f":"a","g":"b"})",
     R"({"f":"a","g":"a"})"},
    {"gt", "f|gt", "5", R"({"f":6})", R"({"f":5})"},
    {"gt in a text", "f|gt", "5", R"({"f":"5.5"})", R"({"f":"x"})"},
    {"gte", "f|gte", "5", R"({"f":5.0})", R"({"f":4.99})"},
    {"lt", "f|lt", "5", R"({"f":-1e3})", R"({"f":5})"},
    {"lte", "f|lte", "5", R"({"f":5})", R"({"f":6})"},
    {"neq", "f|neq", "a", R"({"f":"b"})", R"({"f":"A"})"},
    {"neq of a number", "f|neq", "5", R"({"f":6})", R"({"f":5})"},
    {"neq of a list", "f|neq", "[a, b]", R"({"f":"c"})", R"({"f":"b"})"},
    {"base64", "f|base64", "'foobar'", R"({"f":"Zm9vYmFy"})",
     R"({"f":"foobar"})"},
    {"base64 contained", "f|base64|contains", "'foo'", R"({"f":"xxZm9v"})",
     R"({"f":"foo"})"},
    {"base64offset, first", "f|base64offset|contains", "'http://'",
     R"({"f":"aHR0cDovL2E="})", R"({"f":"http://"})"},
    {"base64offset, second", "f|base64offset|contains", "'http://'",
     R"({"f":"eGh0dHA6Ly8="})", R"({"f":"x"})"},
    {"base64offset, third", "f|base64offset|contains", "'http://'",
     R"({"f":"eHhodHRwOi8v"})", R"({"f":"x"})"},
    {"wide", "f|wide|base64", "'ab'", R"({"f":"YQBiAA=="})", R"({"f":"YWI="})"},
    {"utf16le", "f|utf16le|base64", "'ab'", R"({"f":"YQBiAA=="})", R"({})"},
    {"utf16be", "f|utf16be|base64", "'ab'", R"({"f":"AGEAYg=="})", R"({})"},
    {"utf16", "f|utf16|base64", "'a'", R"({"f":"//5hAA=="})", R"({})"},
    {"wide and offset", "f|wide|base64offset|contains", "'ping'",
     R"({"f":"cABpAG4AZwA="})", R"({"f":"ping"})"},
    {"windash", "f|windash|contains", "' -f '", R"({"f":"a /f b"})",
     R"({"f":"a f b"})"},
    {"windash of a long dash", "f|contains|windash", "' -f '",
     R"({"f":"a —f b"})", R"({"f":"a +f b"})"},
    {"windash leaves words alone", "f|windash", "'a-b -c'", R"({"f":"a-b –c"})",
     R"({"f":"a/b -c"})"},
    {"minute", "f|minute", "59", R"({"f":"2024-05-31T23:59:01Z"})",
     R"({"f":"2024-05-31T23:58:59Z"})"},
    {"hour, as written", "f|hour", "[22, 23]",
     R"({"f":"2024-05-31 23:59:01+02:00"})", R"({"f":"2024-05-31"})"},
    {"hour, compared", "f|hour|gte", "22", R"({"f":"2024-05-31T23:00:00Z"})",
     R"({"f":"2024-05-31T21:00:00Z"})"},
    {"day", "f|day", "31", R"({"f":"2024-05-31"})", R"({"f":"2024-05-30"})"},
    {"week", "f|week", "1", R"({"f":"2024-12-30"})", R"({"f":"2024-12-29"})"},
    {"month", "f|month", "5", R"({"f":"2024-05-31"})", R"({"f":"x"})"},
    {"year, of Unix milliseconds", "f|year", "2024", R"({"f":1717200000000})",
     R"({"f":1617200000})"},
    {"paths lead through objects", "a.b", "x", R"({"a":{"b":"x"}})",
     R"({"a":"x"})"},
    {"a flat key wins", "a.b", "x", R"({"a":{"b":"y"},"a.b":"x"})",
     R"({"a":{"b":"x"},"a.b":"y"})"},
    {"flat and nested mix", "a.b.c", "x", R"({"a.b":{"c":"x"}})", R"({})"},
    {"any item of an array", "a.b", "x", R"({"a":[{"b":"y"},{"b":"x"}]})",
     R"({"a":[{"b":"y"}]})"},
    {"any text of an array", "a", "x", R"({"a":["y","x"]})", R"({"a":["y"]})"},
    {"an object is text, keys in order", "a|contains",
     R"('{"z":1,"b":[2,"c"]}')", R"({"a": { "z": 1, "b": [2, "c"] }})",
     R"({"a":{"b":[2,"c"],"z":1}})"},
    {"numbers stay as written", "a|contains", "'1.50'", R"({"a":{"n":1.50}})",
     R"({"a":{"n":1.5}})"},
};

}  // namespace

TEST_CASE("a value holds and fails as the clause of the specification says",
          "[sigma]") {
  for (const ClauseRow& row : kClauses) {
    CAPTURE(row.clause, row.key, row.value);
    CHECK(Holds(row.key, row.value, row.holds));
    CHECK_FALSE(Holds(row.key, row.value, row.fails));
  }
}

namespace {

struct ConditionRow {
  const char* condition;
  const char* holds;  // the selections that hold, by name
  const char* fails;
};
// Over selections that hold when a field of their name is 1.
const ConditionRow kConditions[] = {
    {"a", "a", "b"},
    {"a and b", "ab", "a"},
    {"a or b", "b", "c"},
    {"not a", "b", "a"},
    {"not not a", "a", "b"},
    {"a or b and c", "a", "b"},
    {"(a or b) and c", "bc", "a"},
    {"not a and b", "b", "ab"},
    {"not (a and b)", "a", "ab"},
    {"a AND NOT b", "a", "ab"},
    {"1 of them", "c", ""},
    {"1 of them", "a", "_"},
    {"any of them", "b", "_"},
    {"all of them", "abc", "ab_"},
    {"1 of a*", "a", "b"},
    {"1 of _*", "_", "a"},
    {"all of *", "abc_", "abc"},
    {"c and not 1 of a*", "c", "ac"},
    {"[a and b, c]", "c", "a"},
};

std::string EventOf(const std::string& names) {
  std::vector<std::string> fields;
  for (const char name : names) {
    fields.push_back(absl::StrCat("\"", std::string(1, name), "\":1"));
  }
  return absl::StrCat("{", absl::StrJoin(fields, ","), "}");
}

}  // namespace

TEST_CASE("a condition joins selections as the specification says", "[sigma]") {
  for (const ConditionRow& row : kConditions) {
    CAPTURE(row.condition);
    const std::string rule = RuleOf(
        absl::StrCat("{a: {a: 1}, b: {b: 1}, c: {c: 1}, _: {_: 1}, condition: ",
                     row.condition, "}"));
    CHECK(Fires(rule, EventOf(row.holds)));
    CHECK_FALSE(Fires(rule, EventOf(row.fails)));
  }
}

TEST_CASE("a map needs all its fields, a list of maps one of them", "[sigma]") {
  const std::string map = RuleOf("{s: {a: 1, b: 2}, condition: s}");
  CHECK(Fires(map, R"({"a":1,"b":2})"));
  CHECK_FALSE(Fires(map, R"({"a":1})"));
  const std::string list = RuleOf("{s: [{a: 1, b: 2}, {c: 3}], condition: s}");
  CHECK(Fires(list, R"({"c":3})"));
  CHECK_FALSE(Fires(list, R"({"a":1})"));
}

TEST_CASE("a rule about JSON events needs nothing of the rungs", "[sigma]") {
  CHECK(ReasonOf(RuleOf("{s: {a: 1}, condition: s}")) == "supported: ");
}

TEST_CASE("keywords are sought in every value of the event", "[sigma]") {
  const std::string any = RuleOf("{k: ['b*d', 42], condition: k}");
  CHECK(Fires(any, R"({"x":{"y":["aBxDe"]}})"));
  CHECK(Fires(any, R"({"x":[1,{"n":42}]})"));
  CHECK_FALSE(Fires(any, R"({"bd":1})"));  // a key is no value
  const std::string all = RuleOf("{k: {'|all': [ab, cd]}, condition: k}");
  CHECK(Fires(all, R"({"x":"AB","y":"xcd"})"));
  CHECK_FALSE(Fires(all, R"({"x":"ab"})"));
  const std::string regex = RuleOf("{k: {'|re': '^a.c$'}, condition: k}");
  CHECK(Fires(regex, R"({"x":"abc"})"));
  CHECK_FALSE(Fires(regex, R"({"x":"abcd"})"));
}

TEST_CASE("placeholders take the values of a definitions file", "[sigma]") {
  const std::string rule =
      RuleOf("{s: {f|expand: '%users%@%d%\\%x%'}, condition: s}");
  CHECK_THAT(ReasonOf(rule),
             Catch::Contains("no values for the placeholder %users%"));
  const std::string file =
      rule + "---\nsigma: {placeholders: {users: [root, 'adm*'], d: a}}\n";
  CHECK(Fires(file, R"({"f":"admin@a%x%"})"));
  CHECK(Fires(file, R"({"f":"ROOT@a%x%"})"));
  CHECK_FALSE(Fires(file, R"({"f":"guest@a%x%"})"));
  CHECK(Holds("f", "'%users%'", R"({"f":"%users%"})"));
}

TEST_CASE("a filter takes away from the rules that it names", "[sigma]") {
  const std::string rule =
      absl::StrCat("id: 1-2\n", RuleOf("{s: {a: 1}, condition: s}"));
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
    CHECK_FALSE(Fires(with(filter), both));
    CHECK(Fires(with(filter), R"({"a":1})"));
  }
  CHECK(Fires(with("{rules: [other], s: {b: 1}, condition: s}"), both));
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
    const std::string reason = ReasonOf(RuleOf(row.file));
    CHECK_THAT(reason, Catch::StartsWith("unsupported: ") &&
                           Catch::Contains(row.reason));
    CHECK(LoadText(RuleOf(row.file)).ok());
  }
  CHECK(ReasonOf("title: W\nlogsource: {product: windows, category: "
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
    const Loaded rules = LoadText(RuleOf(row.detection));
    REQUIRE_FALSE(rules.ok());
    CHECK_THAT(std::string(rules.status().message()),
               Catch::StartsWith("rules.yaml:") && Catch::Contains(row.error));
  }
}

TEST_CASE("a correlation is checked and kept, and its rules stay quiet",
          "[sigma]") {
  const std::string base = absl::StrCat(
      "name: base\nid: b1\n", RuleOf("{s: {a: 1}, condition: s}"), "---\n");
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
  CHECK_FALSE(Fires(file(good), R"({"b":1})"));
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
      "detection: {s: {Image: x, Nonsense: y}, condition: s}\n"
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
  CHECK_THAT(rule->reason(), Catch::Contains("sigma.unmapped[Nonsense]"));
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

namespace {

std::string ViewRule(const std::string& source, const std::string& selection) {
  return absl::StrCat("title: V\nlogsource: {", source, "}\ndetection: {s: {",
                      selection, "}, condition: s}\n");
}

}  // namespace

TEST_CASE("our events are seen as the log sources that rules are for",
          "[sigma]") {
  struct Row {
    const char* source;
    const char* selection;
    v1::EventRecord (*event)();
  };
  const Row rows[] = {
      {"category: process_creation",
       "Image|endswith: /dash, User: WWW-data, "
       "ParentImage: /usr/sbin/nginx, CurrentDirectory|startswith: /srv, "
       "CommandLine: '/bin/sh -c id; ls', ParentCommandLine|contains: 'worker'",
       ShellExec},
      {"category: file_access, product: linux",
       "TargetFilename|endswith: /shadow, Image|endswith: dash", ShadowOpen},
      {"category: network_connection, product: linux",
       "DestinationIp|cidr: 169.254.0.0/16, DestinationPort: 80, "
       "Initiated: 'true', Protocol: tcp, SourceIp: 10.0.0.5",
       Connect},
      {"category: network_connection", "DestinationIp: '2001:DB8::1'",
       Connect6},
      {"product: linux, service: auditd",
       "type: EXECVE, a0: /bin/sh, a1|startswith: '-', a2|contains: id",
       ShellExec},
      {"product: linux, service: auditd",
       "type: PATH, name: /etc/shadow, nametype: NORMAL", ShadowOpen},
      {"product: linux, service: auditd",
       "type: SYSCALL, SYSCALL: connect, comm: sh, saddr: 169.254.170.2",
       Connect},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source, row.selection);
    const Loaded rules = LoadText(ViewRule(row.source, row.selection));
    REQUIRE(rules.ok());
    for (const auto& event : {ShellExec, ShadowOpen, Connect, Connect6}) {
      const bool own = event == row.event;
      CHECK(FiredBy(**rules, event()).size() == (own ? 1 : 0));
    }
  }
}

TEST_CASE("the user's views come before those built in", "[sigma]") {
  const std::string rule =
      ViewRule("product: linux, category: process_creation", "Img: dash");
  const std::string view =
      "---\nsigma:\n  views:\n  - name: mine\n"
      "    logsource: [{product: linux, category: process_creation}]\n"
      "    events: agent\n    when: evt.type = execve\n"
      "    output: '%proc.name'\n    keywords: proc.name\n"
      "    fields: {Img: basename(proc.exepath)}\n";
  const Loaded rules = LoadText(rule + view);
  REQUIRE(rules.ok());
  CHECK(FiredBy(**rules, ShellExec()).size() == 1);
  const Loaded wrong =
      LoadText(rule + absl::StrReplaceAll(view, {{"basename(", "frob("}}));
  REQUIRE_FALSE(wrong.ok());
  CHECK_THAT(std::string(wrong.status().message()),
             Catch::StartsWith("rules.yaml:"));
}

TEST_CASE("a condition and an equivalent one give the same result", "[sigma]") {
  struct Row {
    const char* one;
    const char* other;
  };
  const Row rows[] = {
      {"not (a and b)", "not a or not b"},
      {"not (a or b)", "not a and not b"},
      {"a and (b or c)", "a and b or a and c"},
      {"a or b and c", "(a or b) and (a or c)"},
      {"not not a", "a"},
      {"1 of them", "a or b or c"},
      {"all of them", "a and b and c"},
      {"[a, b and c]", "a or b and c"},
      {"not 1 of them", "not a and not b and not c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.one, row.other);
    const auto rule = [](const char* condition) {
      return RuleOf(absl::StrCat(
          "{a: {a: 1}, b: [1b], c: {c|exists: true}, condition: ", condition,
          "}"));
    };
    for (int bits = 0; bits < 8; ++bits) {
      const std::string event = absl::StrCat(
          "{\"a\":", bits & 1, ",\"b\":\"", (bits & 2) != 0 ? "1b" : "", "\"",
          (bits & 4) != 0 ? ",\"c\":null" : "", "}");
      CHECK(Fires(rule(row.one), event) == Fires(rule(row.other), event));
    }
  }
}

TEST_CASE("hostile Sigma rules and events meet limits", "[sigma][hostile]") {
  const auto fails = [](const std::string& detection) {
    return !LoadText(RuleOf(detection)).ok();
  };
  const std::string deep =
      absl::StrCat(std::string(300, '('), "s", std::string(300, ')'));
  CHECK(fails(absl::StrCat("{s: [x], condition: ", deep, "}")));
  CHECK(fails(
      absl::StrCat("{s: [x], condition: '", std::string(70'000, ' '), "s'}")));
  std::string values;
  for (int i = 0; i < 50'000; ++i) absl::StrAppend(&values, "v", i, "*x,");
  CHECK(Fires(RuleOf(absl::StrCat("{s: {f: [", values, "w]}, condition: s}")),
              R"({"f":"W"})"));
  // Ten megabytes, and a pattern that backtracking would not survive.
  const std::string large(10 << 20, 'a');
  const std::string event = absl::StrCat(R"({"f":")", large, R"("})");
  CHECK_FALSE(Holds("f", "'*a*a*a*a*a*a*a*a*b'", event));
  CHECK_FALSE(Holds("f|re", "'(a*)*b'", event));
  CHECK(Holds("f|contains", "'aAa'", event));
  CHECK_FALSE(JsonEvent::Parse(std::string(100'000, '[')).ok());
  std::string nested = "1";
  for (int i = 0; i < 70; ++i) nested = absl::StrCat(R"({"a":)", nested, "}");
  CHECK_FALSE(JsonEvent::Parse(nested).ok());
  for (const char* text : {"", "1", "[]", "{", "{}x", "{\"a\":\"\xff\"}"}) {
    CHECK_FALSE(JsonEvent::Parse(text).ok());
  }
}

}  // namespace gatewatch::detection
