// Sigma's specification 2.1.0, clause by clause, over JSON events.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/sigma_samples.h"

namespace gatewatch::detection {
namespace {

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
    CHECK(SigmaHolds(row.key, row.value, row.holds));
    CHECK_FALSE(SigmaHolds(row.key, row.value, row.fails));
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
    const std::string rule = SigmaRuleOf(
        absl::StrCat("{a: {a: 1}, b: {b: 1}, c: {c: 1}, _: {_: 1}, condition: ",
                     row.condition, "}"));
    CHECK(SigmaFires(rule, EventOf(row.holds)));
    CHECK_FALSE(SigmaFires(rule, EventOf(row.fails)));
  }
}

}  // namespace gatewatch::detection
