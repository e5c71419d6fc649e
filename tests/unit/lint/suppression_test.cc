#include <string>

#include "catch2/catch.hpp"
#include "tests/unit/lint/linted.h"

namespace gatewatch::iac {
namespace {

size_t Suppressed(const LintResult& result) {
  size_t count = 0;
  for (const Outcome& outcome : result.outcomes) {
    count += outcome.state == Outcome::State::kSuppressed;
  }
  return count;
}

LintOptions Only(const char* check) {
  return {.only = {FindCheck(check), FindCheck("GWL000")}};
}

constexpr char kPods[] = R"(apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    # gatewatch:ignore GWL002,GWL014: keeps its cache there
    - name: first
      image: a
    - name: second
      image: b  # gatewatch:ignore GWL011 built here
)";

}  // namespace

TEST_CASE("a comment suppresses for what begins behind it", "[lint]") {
  const LintResult result = Linted("k.yaml", kPods, Only("GWL002"));
  CHECK(Suppressed(result) == 1);
  REQUIRE(Found(result, "GWL002").size() == 1);
  CHECK(Found(result, "GWL002")[0].subject.container == "second");
  CHECK(Suppressed(Linted("k.yaml", kPods, Only("GWL011"))) == 1);
}

TEST_CASE("a comment above a document suppresses in that document alone",
          "[lint]") {
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nspec: {hostPID: true, containers: [{name: "
      "a, image: a}]}\n";
  const LintResult result =
      Linted("k.yaml",
             "# gatewatch:ignore GWL004 debugs nodes\n" + pod + "---\n" + pod,
             Only("GWL004"));
  CHECK(Suppressed(result) == 1);
  CHECK(Found(result, "GWL004").size() == 1);
}

TEST_CASE("what looks like a comment within a text is none", "[lint]") {
  const LintResult result = Linted("k.yaml", R"(apiVersion: v1
kind: Pod
metadata:
  annotations:
    note: |
      # gatewatch:ignore GWL002 not a comment
spec: {containers: [{name: a, image: a}]}
)",
                                   Only("GWL002"));
  CHECK(Suppressed(result) == 0);
  CHECK(Found(result, "GWL002").size() == 1);
}

TEST_CASE("a suppression without a reason is reported and not granted",
          "[lint]") {
  const LintResult result = Linted("k.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {gatewatch.ignore.GWL002: ""}}
spec: {containers: [{name: a, image: a}]}
)",
                                   Only("GWL002"));
  CHECK(Suppressed(result) == 0);
  CHECK(Found(result, "GWL000").size() == 1);
  CHECK(Found(result, "GWL002").size() == 1);
}

TEST_CASE("annotations, labels, tags and metadata suppress with a reason",
          "[lint]") {
  for (const auto& [name, text] :
       {std::pair{"k.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {gatewatch.ignore.GWL002: cache}}
spec: {containers: [{name: a, image: a}]}
)"},
        {"label.json", R"({"containerDefinitions": [{"name": "a", "image":
              "a", "dockerLabels": {"gatewatch.ignore.GWL002": "cache"}}]})"},
        {"tag.json", R"({"containerDefinitions": [{"name": "a", "image":
              "a"}], "tags": [{"key": "gatewatch.ignore.GWL002",
              "value": "cache"}]})"},
        {"t.yaml", R"(Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Metadata: {gatewatch: {ignore: [{check: GWL002, reason: cache}]}}
    Properties:
      ContainerDefinitions: [{Name: a, Image: a}]
)"},
        {"whole.yaml",
         R"(Metadata: {gatewatch: {ignore: [{check: GWL002, reason: cache}]}}
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: a, Image: a}]
)"},
        {"p.json", R"({"terraform_version": "1", "resource_changes":
              [{"address": "x", "type": "aws_ecs_task_definition", "change":
              {"after": {"tags": {"gatewatch.ignore.GWL002": "cache"},
              "container_definitions":
              "[{\"name\": \"a\", \"image\": \"a\"}]"}}}]})"}}) {
    INFO(name);
    const LintResult result = Linted(name, text, Only("GWL002"));
    CHECK(Suppressed(result) == 1);
    CHECK(Found(result, "GWL002").empty());
    CHECK(Found(result, "GWL000").empty());
  }
}

TEST_CASE("a baseline covers each finding as often as it was written",
          "[lint]") {
  const std::string text =
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: a, "
      "image: a}\n    - {name: a, image: a}\n";
  const LintResult before = Linted("k.yaml", text, Only("GWL002"));
  REQUIRE(before.outcomes.size() == 2);
  Baseline baseline;
  baseline.Add("k.yaml", before.outcomes[0].finding);
  auto read = Baseline::Parse(baseline.Text());
  REQUIRE(read.ok());
  // Further down, it is still the same finding.
  const LintResult moved = Linted("k.yaml", "\n\n" + text, Only("GWL002"));
  CHECK(read->Take("k.yaml", moved.outcomes[0].finding));
  CHECK_FALSE(read->Take("k.yaml", moved.outcomes[1].finding));
  CHECK_FALSE(Baseline::Parse("[]").ok());
  CHECK_FALSE(Baseline::Parse("{\"findings\": [1]}").ok());
}

}  // namespace gatewatch::iac
