#include "iac/lint/formats.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "nlohmann/json.hpp"
#include "tests/unit/lint/linted.h"

namespace gatewatch::iac {
namespace {

using nlohmann::json;

// One finding, one that is suppressed, one unknown, one unreadable file.
LintResult Example() {
  LintResult result =
      Linted("a b/k.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: "evil\x1B[2J<&>", annotations: {gatewatch.ignore.GWL004: debugs}}
spec:
  hostPID: true
  hostNetwork: true
  containers: [{name: a, image: a}]
)",
             {.only = {FindCheck("GWL004"), FindCheck("GWL006")}});
  LintText("p.json", R"([{"name": "a", "image": "a"}])",
           {.only = {FindCheck("GWL004")}}, result);
  LintText("broken.json", "{\"containerDefinitions\": \n", {}, result);
  return result;
}

std::string Written(const char* format) {
  std::ostringstream out;
  for (const Format& each : AllFormats()) {
    if (std::string(each.name) == format) each.write(Example(), out);
  }
  return out.str();
}

}  // namespace

TEST_CASE(
    "text names the line, the reason and the fix, and escapes control "
    "bytes",
    "[lint]") {
  const std::string text = Written("text");
  CHECK(absl::StrContains(text, "a b/k.yaml:6:16: high GWL006 host-namespace"));
  CHECK(absl::StrContains(text, "\n  fix: "));
  CHECK(absl::StrContains(text, "unreadable: broken.json:"));
  CHECK(absl::StrContains(
      text, "2 files linted: 1 high, 1 unknown; 1 suppressed; 1 unreadable"));
  CHECK_FALSE(absl::StrContains(text, "\x1B"));
}

TEST_CASE("JSON is one object a line, with the counts last", "[lint]") {
  const std::vector<std::string> lines =
      absl::StrSplit(Written("json"), '\n', absl::SkipEmpty());
  REQUIRE(lines.size() == 5);
  for (const std::string& line : lines) {
    CHECK(json::parse(line, nullptr, false).is_object());
  }
  CHECK(json::parse(lines.back())["linted"] == 2);
  CHECK(json::parse(lines.back())["unreadable_files"] == 1);
}

TEST_CASE("SARIF has suppressions, open results and failed files", "[lint]") {
  const json run = json::parse(Written("sarif"))["runs"][0];
  CHECK(run["tool"]["driver"]["rules"].size() == AllChecks().size());
  CHECK(run["invocations"][0]["executionSuccessful"] == false);
  size_t suppressed = 0;
  size_t open = 0;
  for (const json& result : run["results"]) {
    const size_t index = result["ruleIndex"];
    CHECK(run["tool"]["driver"]["rules"][index]["id"] == result["ruleId"]);
    suppressed += result.contains("suppressions");
    open += result["kind"] == "open";
  }
  CHECK(suppressed == 1);
  CHECK(open == 1);
  CHECK(absl::StrContains(Written("sarif"), "a%20b/k.yaml"));
}

TEST_CASE("JUnit counts failures, errors and skipped", "[lint]") {
  const std::string xml = Written("junit");
  CHECK(absl::StrContains(xml,
                          "tests=\"2\" failures=\"1\" errors=\"0\" "
                          "skipped=\"1\""));
  CHECK(absl::StrContains(xml, "tests=\"1\" failures=\"0\" errors=\"1\""));
  CHECK(absl::StrContains(xml, "&lt;&amp;&gt;"));
  CHECK_FALSE(absl::StrContains(xml, "\x1B"));
}

TEST_CASE("annotations cannot be left by what a file holds", "[lint]") {
  LintResult result;
  LintText("a,b::c\n.json", "{\"containerDefinitions\": \n", {}, result);
  std::ostringstream out;
  WriteAnnotations(result, out);
  CHECK(absl::StartsWith(out.str(),
                         R"(::error file=a%2Cb%3A%3Ac\n.json,title=)"));
  const std::string lines = out.str();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
}

}  // namespace gatewatch::iac
