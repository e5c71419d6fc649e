#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "catch2/catch.hpp"
#include "detection/rule_set.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

constexpr char kRules[] = R"(
- list: tools
  items: [sh, dash]
- macro: by_shell
  condition: proc.name in (tools)
- rule: Shell
  desc: d
  condition: evt.type = execve and proc.name = sh
  output: o
  priority: WARNING
- rule: Off
  desc: d
  condition: evt.type = execve
  output: o
  priority: INFO
  enabled: false
)";

std::vector<RuleSource> Sources(const std::string& tuning) {
  return {{.name = "tuning.yaml", .text = tuning, .tuning = true},
          {.name = "rules.yaml", .text = kRules}};
}

std::unique_ptr<const RuleSet> LoadTuned(const std::string& tuning) {
  auto rules = RuleSet::Load(Sources(tuning));
  if (!rules.ok()) FAIL(rules.status());
  return *std::move(rules);
}

// "RULE severity [silence]" for each match, one a line.
std::string Fired(const RuleSet& rules, const v1::EventRecord& record) {
  std::string text;
  for (const Match& match : rules.Matches(ViewOf(record))) {
    absl::StrAppend(&text, match.rule->name(), " ", match.severity, " [",
                    match.silence ? match.silence->name() : "", "]\n");
  }
  return text;
}

// The errors of a tuning file, one a line.
std::string Errors(const std::string& tuning) {
  return std::string(RuleSet::Load(Sources(tuning)).status().message());
}

v1::EventRecord ExecAt(const std::string& moment) {
  absl::Time time;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, moment, &time, &why)) FAIL(why);
  v1::EventRecord record = ShellExec();
  record.mutable_event()->set_time_ns(
      static_cast<uint64_t>(absl::ToUnixNanos(time)));
  return record;
}

}  // namespace

TEST_CASE("without tuning a rule fires as it is written", "[tuning]") {
  CHECK(Fired(*LoadTuned(""), ShellExec()) == "Shell 5 []\n");
}

TEST_CASE("an override enables, disables and gives a severity", "[tuning]") {
  const auto rules = LoadTuned(
      "rules:\n- {rule: Shell, enabled: false}\n"
      "- {rule: Off, enabled: true, severity: critical}\n");
  CHECK(Fired(*rules, ShellExec()) == "Off 3 []\n");
  CHECK(rules->Find("Off")->severity() == v1::SEVERITY_CRITICAL);
}

TEST_CASE("an override demands something besides, in the rules' own words",
          "[tuning]") {
  const auto rules = LoadTuned("rules:\n- {rule: Shell, and: not by_shell}\n");
  CHECK(Fired(*rules, ShellExec()).empty());
  const auto failure = rules->Explain("Shell", ViewOf(ShellExec()));
  REQUIRE(failure.ok());
  REQUIRE(*failure);
  CHECK((*failure)->reason.condition() ==
        "not proc.name in (\"sh\", \"dash\")");
  CHECK((*failure)->reason.origin() == "tuning > macro by_shell");
}

TEST_CASE("an exception holds for the workload that it names", "[tuning]") {
  const auto rules = LoadTuned(
      "exceptions:\n- name: shop\n  rules: Shell\n"
      "  workload: {task_family: sh*, container: [api, web], "
      "image: '*/shop/web'}\n  condition: user.uid = 33\n");
  CHECK(Fired(*rules, ShellExec()) == "Shell 5 [shop]\n");
  v1::EventRecord elsewhere = ShellExec();
  elsewhere.mutable_container()->set_name("worker");
  CHECK(Fired(*rules, elsewhere) == "Shell 5 []\n");
  v1::EventRecord nobody = ShellExec();
  nobody.mutable_process()->mutable_credentials()->set_effective_uid(0);
  CHECK(Fired(*rules, nobody) == "Shell 5 []\n");
}

TEST_CASE("a workload may give rules another severity, the last one counts",
          "[tuning]") {
  const auto rules = LoadTuned(
      "severities:\n- {severity: debug, workload: {namespace: shop}}\n"
      "- {severity: alert, rules: [Shell], workload: {cluster: c}}\n"
      "- {severity: emergency, workload: {cluster: other}}\n");
  CHECK(Fired(*rules, ShellExec()) == "Shell 2 []\n");
}

TEST_CASE("a suppression holds by the time of the event", "[tuning]") {
  const auto rules = LoadTuned(
      "suppressions:\n- name: maintenance\n  rules: [Shell]\n"
      "  weekly: Sun 02:00-04:00 UTC\n"
      "- name: migration\n  workload: {service: s}\n"
      "  from: 2026-12-01T00:00:00Z\n  until: 2026-12-02T00:00:00Z\n");
  CHECK(Fired(*rules, ExecAt("2026-11-29T03:00:00Z")) ==
        "Shell 5 [maintenance]\n");
  CHECK(Fired(*rules, ExecAt("2026-11-29T05:00:00Z")) == "Shell 5 []\n");
  CHECK(Fired(*rules, ExecAt("2026-12-01T05:00:00Z")) ==
        "Shell 5 [migration]\n");
}

TEST_CASE("what silences is described, with its place", "[tuning]") {
  const auto rules = LoadTuned(
      "exceptions:\n- name: shop\n  workload: {service: [a, b]}\n"
      "  reason: it is known\n");
  REQUIRE(rules->silences().size() == 2);
  CHECK(rules->silences()[0].kind() == v1::Silence::KIND_BUILT_IN);
  const v1::Silence& shop = rules->silences()[1];
  CHECK(shop.kind() == v1::Silence::KIND_EXCEPTION);
  CHECK(shop.workload() == "service a or b");
  CHECK(shop.reason() == "it is known");
  CHECK(shop.file() == "tuning.yaml");
  CHECK(shop.line() == 2);
}

TEST_CASE("an agent's own processes are silenced, one that is named so is not",
          "[tuning]") {
  const auto rules = LoadTuned("");
  v1::EventRecord record = ShellExec();
  record.mutable_process()->set_of_agent(true);
  CHECK(Fired(*rules, record) == "Shell 5 [gatewatch's own processes]\n");
  record.mutable_process()->set_of_agent(false);
  record.mutable_process()->mutable_executable()->set_path(
      "/usr/bin/gatewatch-agent");
  CHECK(Fired(*rules, record) == "Shell 5 []\n");
}

TEST_CASE("what is wrong with a tuning file is told with its place",
          "[tuning]") {
  CHECK_THAT(Errors("rules:\n- {rule: Shell, and: proc.nme = x}\n"),
             Catch::StartsWith("tuning.yaml:2:22: Shell: there is no field "));
  CHECK_THAT(Errors("exceptions:\n- name: x\n  worklod: {service: a}\n"),
             Catch::Contains("tuning.yaml:3:3: exception x: unknown key "
                             "worklod"));
  CHECK_THAT(Errors("exceptions:\n- name: x\n"),
             Catch::Contains("would hold for every alert"));
  CHECK_THAT(Errors("exceptions:\n- name: x\n  workload: {labels: a}\n"),
             Catch::Contains("tuning.yaml:3:14: exception x: a workload is "
                             "not known by labels"));
  CHECK_THAT(Errors("rules:\n- {rule: Shell, severity: loud}\n"),
             Catch::Contains("tuning.yaml:2:27: override Shell: loud is no "
                             "severity"));
  CHECK_THAT(Errors("rules:\n- {rule: Shell}\n"),
             Catch::Contains("it changes nothing"));
  CHECK_THAT(Errors("suppressions:\n- {name: x, rules: Shell}\n"),
             Catch::Contains("either weekly"));
  CHECK_THAT(
      Errors("suppressions:\n- {name: x, rules: Shell, weekly: never}\n"),
      Catch::Contains("tuning.yaml:2:35: suppression x: expected days"));
  CHECK_THAT(Errors("exceptions:\n- {name: x, rules: Shell}\n"
                    "- {name: x, rules: Off}\n"),
             Catch::Contains("the name x is there twice"));
  CHECK_THAT(Errors("silence: all\n"), Catch::Contains("tuning.yaml:1:1: a "
                                                       "tuning file has"));
  CHECK_THAT(Errors("rules: [\n"), Catch::StartsWith("tuning.yaml:"));
}

TEST_CASE("a rule that does not exist is warned about", "[tuning]") {
  std::vector<std::string> warnings;
  const auto rules = RuleSet::Load(
      Sources("exceptions:\n- {name: x, rules: [Shell, Shel]}\n"), &warnings);
  REQUIRE(rules.ok());
  CHECK(warnings ==
        std::vector<std::string>{"tuning.yaml:2:28: there is no rule Shel"});
}

}  // namespace gatewatch::detection
