#include "detection/why_not.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

// "HELD: CONDITION: VALUE", or "fires".
std::string WhyNotOf(const std::string& condition,
                     const v1::EventRecord& record) {
  const auto rules = LoadText(RuleText("a", condition));
  REQUIRE(rules.ok());
  const auto failure = (*rules)->Explain("a", ViewOf(record));
  REQUIRE(failure.ok());
  if (!*failure) return "fires";
  return absl::StrCat((*failure)->held, ": ", (*failure)->reason.condition(),
                      ": ", (*failure)->reason.value());
}

}  // namespace

TEST_CASE("the first comparison that failed is named", "[why_not]") {
  CHECK(WhyNotOf("evt.type = execve and proc.name = sh", ShellExec()) ==
        "fires");
  CHECK(WhyNotOf("evt.type = execve and proc.name = ls and user.uid = 0",
                 ShellExec()) == "1: proc.name = \"ls\": sh");
  CHECK(WhyNotOf("evt.type = execve and fd.name = x", ShellExec()) ==
        "1: fd.name = \"x\": <NA>");
}

TEST_CASE("of alternatives the nearest is named", "[why_not]") {
  CHECK(WhyNotOf("(proc.name = ls and user.uid = 0) or "
                 "(proc.name = sh and user.uid = 1)",
                 ShellExec()) == "1: user.uid = \"1\": 33");
}

TEST_CASE("of a negation it is what was found", "[why_not]") {
  CHECK(WhyNotOf("evt.type = execve and not proc.name in (sh, ls)",
                 ShellExec()) == "1: not proc.name in (\"sh\", \"ls\"): sh");
}

TEST_CASE("a failure tells the macro and the exception that it comes from",
          "[why_not]") {
  const auto origin = [](const std::string& text) {
    const auto rules = LoadText(text);
    REQUIRE(rules.ok());
    const auto failure = (*rules)->Explain("a", ViewOf(ShellExec()));
    REQUIRE(failure.ok());
    REQUIRE(*failure);
    return absl::StrCat((*failure)->reason.condition(), " [",
                        (*failure)->reason.origin(), "]");
  };
  CHECK(origin("- macro: m\n  condition: proc.name = ls\n" +
               RuleText("a", "evt.type = execve and m")) ==
        "proc.name = \"ls\" [macro m]");
  CHECK(origin("- macro: m\n  condition: proc.name = sh\n" +
               RuleText("a", "evt.type = execve and not m")) ==
        "not proc.name = \"sh\" [macro m]");
  CHECK(origin(RuleText("a", "evt.type = execve") +
               "  exceptions:\n    - name: known\n      fields: [proc.name]\n"
               "      comps: [in]\n      values: [[[sh, dash]]]\n") ==
        "not proc.name in (\"sh\", \"dash\") [exception known]");
}

TEST_CASE("a rule that does not exist is not explained", "[why_not]") {
  const auto rules = LoadText(RuleText("a", "evt.type = execve"));
  REQUIRE(rules.ok());
  CHECK(absl::IsNotFound((*rules)->Explain("b", ViewOf(ShellExec())).status()));
}

}  // namespace gatewatch::detection
