// What is wrong with rule files, and where.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catch2/catch.hpp"
#include "detection/rule_set.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

std::string ErrorOf(const std::string& text) {
  const Loaded rules = LoadText(text);
  if (rules.ok()) return "";
  CHECK(rules.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(rules.status().message());
}

// The place of the error in a rule whose condition is this YAML.
std::string PlaceOf(const std::string& condition) {
  const std::string error =
      ErrorOf("- rule: a\n  desc: d\n  condition: " + condition +
              "\n  output: o\n  priority: INFO\n");
  return error.substr(0, error.find(": rule"));
}

}  // namespace

TEST_CASE("an error in a plain scalar is placed exactly", "[rules]") {
  CHECK(ErrorOf(RuleText("a", "proc.nme = x")) ==
        "rules.yaml:3:14: rule a: there is no field proc.nme; did you mean "
        "proc.name?");
  CHECK(PlaceOf("evt.type = x and proc.pid = y") == "rules.yaml:3:31");
  CHECK(PlaceOf("evt.type = x and\n    proc.pid = y") == "rules.yaml:4:5");
  CHECK(PlaceOf("\n    evt.type = x and\n\n    proc.pid = y") ==
        "rules.yaml:6:5");
  CHECK(PlaceOf("evt.type = x andd evt.type = y") == "rules.yaml:3:27");
  CHECK(PlaceOf("(evt.type = x") == "rules.yaml:3:27");
}

TEST_CASE("an error in a block scalar is placed exactly", "[rules]") {
  const std::string style =
      GENERATE(as<std::string>(), ">", "|", ">-", "|-", ">+", "| # comment");
  INFO(style);
  CHECK(PlaceOf(style + "\n    evt.type = x and\n    proc.pid = y") ==
        "rules.yaml:5:5");
  CHECK(PlaceOf(style + "\n\n    evt.type = x\n      and proc.pid = y\n") ==
        "rules.yaml:6:11");
}

TEST_CASE("an error in a quoted scalar is placed exactly", "[rules]") {
  CHECK(PlaceOf("\"evt.type = x and proc.pid = y\"") == "rules.yaml:3:32");
  CHECK(PlaceOf("'evt.type = x and proc.pid = y'") == "rules.yaml:3:32");
  CHECK(PlaceOf("\"evt.type = x and\n    proc.pid = y\"") == "rules.yaml:4:5");
}

TEST_CASE("escapes of a quoted scalar do not move an error", "[rules]") {
  CHECK(PlaceOf(R"("evt.type = \"x\" and proc.pid = y")") == "rules.yaml:3:36");
  CHECK(PlaceOf(R"("evt.type = \u00e9\x41\tand\nproc.pid = y")") ==
        "rules.yaml:3:43");
  CHECK(PlaceOf("\"evt.type = x \\\n    and proc.pid = y\"") ==
        "rules.yaml:4:9");
  CHECK(PlaceOf("'evt.type = ''x'' and proc.pid = y'") == "rules.yaml:3:36");
}

TEST_CASE("an anchor or tag does not move an error", "[rules]") {
  CHECK(PlaceOf("&a evt.type = x and proc.pid = y") == "rules.yaml:3:34");
  CHECK(PlaceOf("&a 'evt.type = x and proc.pid = y'") == "rules.yaml:3:35");
  CHECK(PlaceOf("!!str &a |\n    proc.pid = y") == "rules.yaml:4:5");
}

TEST_CASE("a byte order mark does not move an error", "[rules]") {
  CHECK_THAT(ErrorOf("\xef\xbb\xbf" + RuleText("a", "proc.pid = y")),
             Catch::StartsWith("rules.yaml:3:14: "));
}

TEST_CASE("an error is placed in what was appended, or appended to",
          "[rules]") {
  const std::string rule = "- rule: a\n  append: true\n  condition: ";
  CHECK_THAT(
      ErrorOf(RuleText("a", "evt.type = x") + rule + "and proc.pid = y\n"),
      Catch::StartsWith("rules.yaml:8:18: "));
  CHECK_THAT(ErrorOf(RuleText("a", "evt.type=x and proc.pid=y") + rule +
                     "and evt.type=x\n"),
             Catch::StartsWith("rules.yaml:3:29: "));
  CHECK_THAT(ErrorOf(RuleText("a", "(evt.type = x") + rule + "or\n"),
             Catch::StartsWith("rules.yaml:8:16: "));
  CHECK_THAT(ErrorOf("- {macro: m, condition: (}\n"
                     "- {macro: m, condition: evt.type=x, append: true}\n"),
             Catch::StartsWith("rules.yaml:2:35: "));
}

TEST_CASE("an error in a macro's text is placed there", "[rules]") {
  CHECK(ErrorOf("- macro: m\n  condition: evt.type =\n") ==
        "rules.yaml:2:24: macro m: expected a value, found the end");
}

TEST_CASE("an error in what a macro stands for is placed where it is used",
          "[rules]") {
  CHECK(ErrorOf("- macro: m\n  condition: proc.pid = x\n" +
                RuleText("a", "evt.type = x and m")) ==
        "rules.yaml:5:31: rule a: \"x\" is not a number");
  CHECK(ErrorOf(RuleText("a", "evt.type = x and m")) ==
        "rules.yaml:3:31: rule a: there is no macro m");
}

TEST_CASE("an error in an output is placed exactly", "[rules]") {
  CHECK(ErrorOf("- rule: a\n  desc: d\n  condition: evt.type = x\n"
                "  output: >\n    what %proc.name and\n    %proc.nam\n"
                "  priority: INFO\n") ==
        "rules.yaml:6:5: rule a: there is no field proc.nam; did you mean "
        "proc.name?");
}

TEST_CASE("all errors are collected, of all files", "[rules]") {
  const auto rules =
      RuleSet::Load({{"1.yaml", RuleText("a", "proc.pid = x") +
                                    RuleText("b", "evt.type = x")},
                     {"2.yaml", "- rule: c\n  condition: evt.type = x\n"},
                     {"3.yaml", "- macro: m\n  condition: (\n- [1]\n"},
                     {"4.yaml", "a: [\n"}});
  REQUIRE_FALSE(rules.ok());
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(rules.status().message()), '\n');
  const auto has = [&](const std::string& part) {
    for (const std::string& line : lines) {
      if (line.find(part) == 0) return true;
    }
    return false;
  };
  CHECK(has("1.yaml:3:14: rule a: \"x\" is not a number"));
  CHECK(has("2.yaml:1:3: rule c: desc is missing"));
  CHECK(has("2.yaml:1:3: rule c: output is missing"));
  CHECK(has("2.yaml:1:3: rule c: priority is missing"));
  CHECK(has("3.yaml:2:15: macro m: expected a field or a macro"));
  CHECK(has("3.yaml:3:3: expected a rule, macro or list"));
  CHECK(has("4.yaml:"));
  CHECK(lines.size() == 7);
}

TEST_CASE("keys of the wrong kind are told", "[rules]") {
  struct Row {
    std::string text, error;
  };
  const Row row = GENERATE(values<Row>({
      {"{}", "rules.yaml:1:1: a rule file is a list of rules, macros, lists"},
      {"text", "rules.yaml:1:1: a rule file is a list of rules, macros, lists"},
      {"- text", "rules.yaml:1:3: expected a rule, macro or list"},
      {"- list: l", "rules.yaml:1:3: list l: items are missing"},
      {"- list: l\n  items: x",
       "rules.yaml:2:10: list l: items must be a list"},
      {"- list: l\n  items: [[x]]",
       "rules.yaml:2:11: list l: items must hold text only"},
      {"- list: [l]", "rules.yaml:1:9: list must be text"},
      {"- macro: m", "rules.yaml:1:3: macro m: the condition is missing"},
      {"- rule: {}", "rules.yaml:1:9: rule must be text"},
  }));
  CHECK(ErrorOf(row.text) == row.error);
}

TEST_CASE("wrong values of a rule's keys are told", "[rules]") {
  CHECK(ErrorOf("- {rule: a, desc: d, condition: evt.type = x, output: o, "
                "priority: HIGH}") ==
        "rules.yaml:1:68: rule a: no such priority: HIGH");
  CHECK(ErrorOf("- required_engine_version: 0.99.0") ==
        "rules.yaml:1:28: needs Falco's engine 0.99.0; known is 0.63.0");
  CHECK(ErrorOf("- required_engine_version: new") ==
        "rules.yaml:1:28: \"new\" is no engine version");
  CHECK(ErrorOf("- required_plugin_versions: [{version: 1.0.0}]") ==
        "rules.yaml:1:30: a required plugin needs a name and a version");
  CHECK(ErrorOf(RuleText("a", "evt.type = x") + "  tags: x\n") ==
        "rules.yaml:6:9: rule a: tags must be a list");
}

TEST_CASE("one wrong item does not hide the errors of the next", "[rules]") {
  CHECK(ErrorOf(RuleText("a", "evt.type = x") + "  enabled: maybe\n" +
                RuleText("b", "evt.type = x") + "  append: [1]\n" +
                "- {[k]: v}\n" + RuleText("c", "proc.pid = x")) ==
        "rules.yaml:6:12: rule a: enabled must be true or false\n"
        "rules.yaml:12:11: rule b: append must be true or false\n"
        "rules.yaml:13:4: a key is text\n"
        "rules.yaml:16:14: rule c: \"x\" is not a number");
}

TEST_CASE("what a file holds cannot drive a terminal by its errors",
          "[rules]") {
  CHECK(ErrorOf("- {rule: \"a\\e[2J\\nb\", \"\\a\": 1}")
            .find_first_of("\x1b\a") == std::string::npos);
  std::vector<std::string> warnings;
  CHECK(RuleSet::Load({{"rules.yaml", "- {list: a, items: [], \"\\e\": 1}"}},
                      &warnings)
            .ok());
  CHECK(warnings ==
        std::vector<std::string>{"rules.yaml:1:24: unknown key \\x1b"});
}

TEST_CASE("macros that go in a circle are refused", "[rules]") {
  CHECK(ErrorOf("- macro: m\n  condition: n\n- macro: n\n  condition: not m\n" +
                RuleText("a", "evt.type = x and m")) ==
        "rules.yaml:7:31: rule a: the macro m leads back to itself");
  CHECK_THAT(ErrorOf("- macro: m\n  condition: m\n" + RuleText("a", "m")),
             Catch::Contains("the macro m leads back to itself"));
}

TEST_CASE("lists that go in a circle are refused", "[rules]") {
  CHECK_THAT(ErrorOf("- list: l\n  items: [m]\n- list: m\n  items: [l]\n"),
             Catch::Contains("leads back to itself"));
  CHECK_THAT(ErrorOf("- list: l\n  items: [l]\n"),
             Catch::Contains("the list l leads back to itself"));
}

TEST_CASE("what is not YAML is told with its place", "[rules]") {
  CHECK_THAT(ErrorOf("- rule: \"a\n"), Catch::StartsWith("rules.yaml:"));
  CHECK_THAT(ErrorOf("- rule: a\n desc: b\n"),
             Catch::StartsWith("rules.yaml:2:"));
  CHECK_THAT(ErrorOf("- *nothing\n"), Catch::StartsWith("rules.yaml:1:"));
}

}  // namespace gatewatch::detection
