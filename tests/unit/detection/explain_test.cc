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

TEST_CASE("what was not found is no reason", "[explain]") {
  CHECK(Reasons("not proc.name = bash and user.uid = 33", ShellExec()) ==
        Texts{"user.uid = \"33\": 33"});
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
  CHECK_THAT(reasons[1], Catch::Contains(" …: -c id; ls"));
}

TEST_CASE("at most 32 reasons are given", "[explain]") {
  std::string text = "proc.name = sh";
  for (int i = 0; i < 100; ++i) text += " and proc.name = sh";
  CHECK(Reasons(text, ShellExec()).size() == 32);
}

}  // namespace gatewatch::detection
