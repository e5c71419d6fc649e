#include "detection/rule_support.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

RuleReport Check(const std::string& text) {
  return RuleSet::Check({{"rules.yaml", text}});
}

// "STATUS: REASON" of a rule with this condition.
std::string Judged(const std::string& condition, const std::string& more = "") {
  const RuleReport report = Check(RuleText("a", condition) + more);
  REQUIRE(report.rules.size() == 1);
  const v1::Rule& rule = report.rules[0];
  return absl::StrCat(rule.status(), ": ", rule.reason());
}

}  // namespace

TEST_CASE("a rule over what every rung sees is supported", "[support]") {
  CHECK(Judged("evt.type = execve and proc.name = sh") == "supported: ");
  CHECK(Judged("evt.type = connect and fd.num >= 0") == "supported: ");
  CHECK(Judged("evt.type = execve and evt.rawres = 0") == "supported: ");
}

TEST_CASE("a rule says which field fails it on which rung", "[support]") {
  CHECK(Judged("evt.type = open and evt.res = SUCCESS") ==
        "degraded: evt.res is presumed on launch, attach");
  CHECK(Judged("evt.type = openat and fd.num >= 0") ==
        "degraded: fd.num is presumed on launch, attach");
  CHECK(Judged("evt.type = read and evt.buffer contains x") ==
        "degraded: evt.buffer is absent on every rung: payloads are not "
        "captured; no rung sees read");
  CHECK(Judged("evt.type in (sendto, sendmsg)") ==
        "degraded: only ebpf sees sendmsg");
  CHECK(Judged("evt.type in (dup, dup2) and proc.name = sh") ==
        "degraded: no rung sees dup");
}

TEST_CASE("what a rule prints counts too", "[support]") {
  const RuleReport report = Check(
      "- {rule: a, desc: d, condition: evt.type = execve, priority: INFO, "
      "output: \"%container.mounts\"}");
  REQUIRE(report.rules.size() == 1);
  CHECK(report.rules[0].reason() ==
        "printed container.mounts is absent on every rung: not reported");
}

TEST_CASE("a rule of another source is left out by name", "[support]") {
  CHECK(Judged("ka.verb = create", "  source: k8s_audit\n") ==
        "unsupported: no events of the source k8s_audit");
  std::vector<std::string> warnings;
  const auto rules = RuleSet::Load(
      {{"rules.yaml", RuleText("a", "ka.verb = x") + "  source: k8s_audit\n" +
                          RuleText("b", "evt.type = execve")}},
      &warnings);
  REQUIRE(rules.ok());
  CHECK((*rules)->rules().size() == 1);
  REQUIRE((*rules)->unsupported().size() == 1);
  CHECK((*rules)->unsupported()[0].name() == "a");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] ==
        "rules.yaml:1:3: rule a is left out: no events of the source "
        "k8s_audit");
}

TEST_CASE("a rule may ask to be left out for an unknown field", "[support]") {
  CHECK_THAT(Judged("some.thing = x", "  skip-if-unknown-filter: true\n"),
             Catch::StartsWith("unsupported: there is no field some.thing"));
  CHECK_FALSE(LoadText(RuleText("a", "some.thing = x")).ok());
}

TEST_CASE("a wrong rule does not hide what the others are", "[support]") {
  const RuleReport report =
      Check(RuleText("a", "proc.nme = x") + RuleText("b", "evt.type = execve"));
  REQUIRE(report.rules.size() == 2);
  CHECK(report.rules[0].status() == "unsupported");
  CHECK_THAT(report.rules[0].reason(), Catch::Contains("proc.nme"));
  CHECK(report.rules[1].status() == "supported");
  CHECK(report.errors.size() == 1);
}

TEST_CASE("a wrong macro that nothing uses is told", "[support]") {
  const RuleReport report = Check(
      "- {macro: m, condition: proc.nme = x}\n"
      "- {macro: n, condition: n or evt.type = x}\n" +
      RuleText("b", "evt.type = execve"));
  CHECK(report.errors.empty());
  REQUIRE(report.warnings.size() == 2);
  CHECK(report.warnings[0] ==
        "rules.yaml:1:25: macro m, which no rule uses: there is no field "
        "proc.nme; did you mean proc.name?");
  CHECK_THAT(report.warnings[1], Catch::Contains("leads back to itself"));
}

TEST_CASE("a tag names the finding that a rule stands for", "[support]") {
  const RuleReport report = Check(RuleText("a", "evt.type = execve") +
                                  "  tags: [x, 'guardduty:A:B/C']\n");
  REQUIRE(report.rules.size() == 1);
  CHECK(report.rules[0].guardduty(0) == "A:B/C");
  CHECK(report.rules[0].format() == "falco");
}

}  // namespace gatewatch::detection
