#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/condition.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

// "condition: value" for each reason.
std::vector<std::string> Reasons(const std::string& text,
                                 const v1::EventRecord& record) {
  const auto condition = Condition::Parse(text);
  REQUIRE(condition.ok());
  std::vector<std::string> reasons;
  for (const v1::Reason& reason : condition->Explain(ViewOf(record))) {
    reasons.push_back(absl::StrCat(reason.condition(), ": ", reason.value()));
  }
  return reasons;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the reasons are the comparisons that held", "[explain]") {
  CHECK(Reasons("proc.name = sh and (proc.pid = 1 or user.uid = 33)",
                ShellExec()) ==
        Texts{"proc.name = \"sh\": sh", "user.uid = \"33\": 33"});
}

TEST_CASE("a condition that does not hold has no reasons", "[explain]") {
  CHECK(Reasons("proc.name = sh and proc.pid = 1", ShellExec()) == Texts{});
}

TEST_CASE("one true branch of an \"or\" is reason enough", "[explain]") {
  CHECK(Reasons("proc.name = sh or user.uid = 33", ShellExec()) ==
        Texts{"proc.name = \"sh\": sh"});
}

TEST_CASE("what was not to be found comes last, with what was", "[explain]") {
  CHECK(Reasons("not proc.name = bash and user.uid = 33", ShellExec()) ==
        Texts{"user.uid = \"33\": 33", "not proc.name = \"bash\": sh"});
  CHECK(Reasons("user.uid = 33 and not (proc.name = bash or fd.name = x)",
                ShellExec()) == Texts{"user.uid = \"33\": 33",
                                      "not proc.name = \"bash\": sh",
                                      "not fd.name = \"x\": <NA>"});
}

TEST_CASE("of what was not to hold together the part that failed is shown",
          "[explain]") {
  CHECK(Reasons("not (proc.name = sh and user.uid = 1)", ShellExec()) ==
        Texts{"not user.uid = \"1\": 33"});
  CHECK(Reasons("not (not proc.name = sh)", ShellExec()) ==
        Texts{"proc.name = \"sh\": sh"});
}

TEST_CASE("a long list is shown by its beginning and its length", "[explain]") {
  std::string text = "proc.name in (sh";
  for (int i = 100; i < 400; ++i) absl::StrAppend(&text, ", tool", i);
  const Texts reasons = Reasons(text + ")", ShellExec());
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].size() < 250);
  CHECK_THAT(reasons[0],
             Catch::StartsWith("proc.name in (\"sh\", \"tool100\","));
  CHECK_THAT(reasons[0], Catch::Matches(".*, … 2[0-9][0-9] more\\): sh"));
}

TEST_CASE("a reason tells the macro or exception that it comes from",
          "[explain]") {
  const auto rules = LoadText(
      "- macro: inner\n  condition: proc.name = sh\n"
      "- macro: outer\n  condition: (inner and user.uid = 33)\n"
      "- macro: never\n  condition: proc.name in (bash, zsh)\n"
      "- rule: a\n  desc: d\n  output: o\n  priority: INFO\n"
      "  condition: evt.type = execve and outer and not never\n"
      "  exceptions:\n    - name: known\n      fields: [proc.pname]\n"
      "      comps: [in]\n      values: [[[cron, make]]]\n");
  REQUIRE(rules.ok());
  const auto matches = (*rules)->Matches(ViewOf(ShellExec()));
  REQUIRE(matches.size() == 1);
  Texts reasons;
  for (const v1::Reason& reason : matches[0].reasons) {
    reasons.push_back(
        absl::StrCat(reason.condition(), " [", reason.origin(), "]"));
  }
  CHECK(reasons == Texts{"evt.type = \"execve\" []",
                         "proc.name = \"sh\" [macro outer > macro inner]",
                         "user.uid = \"33\" [macro outer]", "not never []",
                         "not exception known []"});
}

TEST_CASE("all values that a field had are shown", "[explain]") {
  CHECK(Reasons("proc.aname = tini", ShellExec()) ==
        Texts{"proc.aname = \"tini\": nginx, supervisord, tini"});
}

TEST_CASE("reasons are short and cannot drive a terminal", "[explain]") {
  v1::EventRecord record = ShellExec();
  record.mutable_process()->set_name("\x1b[2J");
  CHECK(Reasons("proc.name exists", record) ==
        Texts{"proc.name exists: \\x1b[2J"});
  const Texts reasons = Reasons(
      "proc.pid in (4242, " + std::string(500, '7').substr(0, 18) +
          ") and proc.args contains anyof (id, " + std::string(500, 'x') + ")",
      record);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[1].size() < 250);
  CHECK_THAT(reasons[1], Catch::Contains("(\"id\", … 1 more): -c id; ls"));
}

TEST_CASE("at most 32 reasons are given", "[explain]") {
  std::string text = "proc.name = sh";
  for (int i = 0; i < 100; ++i) text += " and proc.name = sh";
  CHECK(Reasons(text, ShellExec()).size() == 32);
}

}  // namespace gatewatch::detection
