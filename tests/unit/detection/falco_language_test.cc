// One case a clause of Falco's language that no other test here is about.

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/falco_version.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

bool Fires(const std::string& text, const v1::EventRecord& record) {
  const auto rules = LoadText(text);
  if (!rules.ok()) FAIL(rules.status().message());
  return !FiredBy(**rules, record).empty();
}

}  // namespace

TEST_CASE("every string operator takes a list with a modifier", "[falco]") {
  const std::string op = GENERATE(as<std::string>(), "contains", "startswith",
                                  "endswith", "icontains", "=", "glob");
  INFO(op);
  CHECK(Holds("proc.name " + op + " anyof (x, sh)", ShellExec()));
  CHECK(Holds("proc.name " + op + " oneof (sh, x)", ShellExec()));
  CHECK(Holds("proc.name " + op + " allof (sh, sh)", ShellExec()));
  CHECK_FALSE(Holds("proc.name " + op + " allof (sh, x)", ShellExec()));
  CHECK_FALSE(Holds("proc.name " + op + " anyof (x, y)", ShellExec()));
}

TEST_CASE("a field is compared with a field", "[falco]") {
  CHECK(Holds("proc.pid = val(proc.pgid)", ShellExec()));
  CHECK_FALSE(Holds("proc.pid = val(proc.sid)", ShellExec()));
  CHECK(Holds("proc.name in val(proc.name)", ShellExec()));
  CHECK(Holds("proc.name in (x, val(proc.name))", ShellExec()));
  CHECK(Holds("proc.name = basename(proc.exe)", ShellExec()));
}

TEST_CASE("what is absent makes every comparison false", "[falco]") {
  for (const char* op :
       {"= x", "!= x", "in (x)", "contains x", "startswith x", "glob *",
        "pmatch (/)", "regex .*", "intersects (x)"}) {
    INFO(op);
    CHECK_FALSE(Holds(absl::StrCat("fd.name ", op), ShellExec()));
    CHECK(Holds(absl::StrCat("not fd.name ", op), ShellExec()));
  }
}

TEST_CASE("either end of a connection may be equal", "[falco]") {
  CHECK(Holds("fd.ip = 10.0.0.5 and fd.ip = 169.254.170.2", Connect()));
  CHECK_FALSE(Holds("fd.ip != 10.0.0.5", Connect()));
  CHECK(Holds("fd.ip != 10.9.9.9", Connect()));
}

TEST_CASE("an override replaces or appends key by key", "[falco]") {
  const std::string base =
      RuleText("a", "evt.type = execve and proc.name = ls");
  CHECK_FALSE(Fires(base, ShellExec()));
  CHECK(Fires(base + "- rule: a\n  condition: or proc.name = sh\n"
                     "  override: {condition: append}\n",
              ShellExec()));
  CHECK(Fires(base + "- rule: a\n  condition: evt.type = execve\n"
                     "  override: {condition: replace}\n",
              ShellExec()));
  CHECK(Fires(base + "- rule: a\n  condition: or proc.name = sh\n"
                     "  append: true\n",
              ShellExec()));
}

TEST_CASE("a rule can be switched off and on again", "[falco]") {
  const std::string base = RuleText("a", "evt.type = execve");
  const std::string off = "- {rule: a, enabled: false}\n";
  const std::string replaced =
      "- rule: a\n  enabled: true\n  override: {enabled: replace}\n";
  CHECK_FALSE(Fires(base + off, ShellExec()));
  CHECK(Fires(base + off + replaced, ShellExec()));
}

TEST_CASE("exceptions take what they name out", "[falco]") {
  const std::string rule =
      RuleText("a", "evt.type = execve") +
      "  exceptions:\n"
      "    - {name: pair, fields: [proc.name, proc.pname],\n"
      "       comps: [=, startswith], values: [[sh, ngi], [ls, x]]}\n";
  CHECK_FALSE(Fires(rule, ShellExec()));
  v1::EventRecord other = ShellExec();
  other.mutable_ancestors(0)->set_name("sshd");
  CHECK(Fires(rule, other));
}

TEST_CASE("a file asks for an engine as new as it needs", "[falco]") {
  CHECK_FALSE(EngineProblem("0.63.0"));
  CHECK_FALSE(EngineProblem("57"));
  CHECK_FALSE(EngineProblem("0.26.0-rc1"));
  CHECK(EngineProblem("0.63.1"));
  CHECK(EngineProblem("1.0.0"));
  CHECK(EngineProblem("0.63"));
  CHECK(EngineProblem(""));
  CHECK(HasPlugin("container"));
  CHECK_FALSE(HasPlugin("k8saudit"));
}

TEST_CASE("a required plugin that there is none of is told", "[falco]") {
  std::vector<std::string> warnings;
  const auto rules = RuleSet::Load(
      {{"f", "- required_plugin_versions: [{name: okta, version: 1.0.0}]"}},
      &warnings);
  CHECK(rules.ok());
  CHECK(warnings ==
        std::vector<std::string>{"f:1:30: there is no plugin okta here"});
}

TEST_CASE("outputs may transform what they print", "[falco]") {
  const auto rules = LoadText(
      "- {rule: a, desc: d, condition: evt.type = execve, priority: INFO, "
      "output: \"%toupper(proc.name) %proc.aname[2] %fd.name %evt.res\"}");
  REQUIRE(rules.ok());
  const auto matches = (*rules)->Matches(ViewOf(ShellExec()));
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].output == "SH supervisord <NA> SUCCESS");
}

TEST_CASE("a ten-megabyte value is matched like any other", "[hostile]") {
  v1::EventRecord record = ShellExec();
  record.mutable_process()->set_arguments(2, std::string(10 << 20, 'a') + "b");
  CHECK(Holds("proc.args endswith b and proc.args contains aab", record));
  CHECK_FALSE(Holds("proc.args regex \"(a|aa)+c\"", record));
  CHECK_FALSE(Holds("proc.args regex \"(.*)*c\"", record));
}

}  // namespace gatewatch::detection
