#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "iac/lint/find_files.h"
#include "iac/model/read.h"
#include "tests/unit/lint/linted.h"

namespace gatewatch::iac {
namespace {

std::string Plan(const std::string& change) {
  return R"({"format_version": "1.2", "terraform_version": "1.9.0",
    "resource_changes": [{"address": "module.a.aws_ecs_task_definition.web",
    "type": "aws_ecs_task_definition", "change": )" +
         change + "}]}";
}

std::string Template(const std::string& container) {
  return "Resources:\n  Web:\n    Type: AWS::ECS::TaskDefinition\n"
         "    Properties:\n      ContainerDefinitions:\n" +
         container;
}

// The only error, of a text that cannot be read.
std::string ErrorOf(const std::string& name, const std::string& text) {
  const LintResult result = Linted(name, text);
  CHECK(result.outcomes.empty());
  REQUIRE(result.unreadable.size() == 1);
  return result.unreadable[0].error;
}

}  // namespace

TEST_CASE("a plan's unknown containers are unknown, and never passed",
          "[lint]") {
  const LintResult result = Linted("p.json", Plan(R"({"after": {"family": "f"},
                         "after_unknown": {"container_definitions": true}})"));
  CHECK(Unknown(result, "GWL020").size() == 1);
  CHECK(Unknown(result, "GWL031").size() == 1);
  CHECK(result.Fails(Severity::kUnknown));
  CHECK_FALSE(result.Fails(Severity::kLow));
}

TEST_CASE("a plan's deleted resources are not linted", "[lint]") {
  const LintResult result =
      Linted("p.json", Plan(R"({"actions": ["delete"], "after": null})"));
  CHECK(result.linted == 1);
  CHECK(result.outcomes.empty());
}

TEST_CASE("a state's child modules are linted, with their addresses",
          "[lint]") {
  const LintResult result = Linted("s.json", R"({"format_version": "1.0",
    "terraform_version": "1.9.0", "values": {"root_module": {"child_modules":
    [{"child_modules": [{"resources": [{"type": "aws_ecs_service",
      "address": "module.a.module.b.aws_ecs_service.web",
      "values": {"enable_execute_command": true}}]}]}]}}})");
  REQUIRE(Found(result, "GWL025").size() == 1);
  CHECK(Found(result, "GWL025")[0].subject.object ==
        "module.a.module.b.aws_ecs_service.web");
}

TEST_CASE("a plan in UTF-16 is read", "[lint]") {
  std::string wide = "\xFF\xFE";
  for (const char c : Plan(R"({"after": {"family": "f", "pid_mode": "host",
                               "container_definitions": "[]"}})")) {
    wide += c;
    wide += '\0';
  }
  CHECK(Found(Linted("p.json", wide), "GWL004").size() == 1);
}

TEST_CASE("a broken plan is unreadable and says where", "[lint]") {
  CHECK(absl::StartsWith(ErrorOf("p.json", "{\"resource_changes\": ["),
                         "p.json:1:"));
  CHECK(absl::StrContains(
      ErrorOf("p.json", R"({"terraform_version": "1", "resource_changes": 3})"),
      "is no list"));
  CHECK(absl::StrContains(
      ErrorOf("p.json", Plan(R"({"after": {"container_definitions": "[{"}})")),
      "JSON"));
}

TEST_CASE("a described and a PascalCase task definition are read", "[lint]") {
  const LintResult described = Linted("d.json", R"({"taskDefinition":
    {"family": "f", "pidMode": "host", "containerDefinitions": []},
    "tags": [{"key": "gatewatch.ignore.GWL031", "value": "a test"}]})");
  CHECK(Found(described, "GWL004").size() == 1);
  CHECK(Found(described, "GWL031").empty());
  const LintResult yaml = Linted("d.yaml",
                                 "PidMode: host\nContainerDefinitions:\n"
                                 "  - {Name: web, Image: web}\n");
  CHECK(Found(yaml, "GWL004").size() == 1);
}

TEST_CASE("a list of container definitions leaves the task unknown", "[lint]") {
  const LintResult result =
      Linted("c.json", R"([{"name": "web", "image": "web:latest"}])");
  CHECK(Found(result, "GWL011").size() == 1);
  CHECK(Unknown(result, "GWL004").size() == 1);
}

TEST_CASE(
    "intrinsics are unknown, both branches of If are read, NoValue is "
    "absent",
    "[lint]") {
  const LintResult result = Linted("t.yaml", Template(R"(
        - Name: web
          Image: !Ref Image
          Privileged: !Ref Privileged
          User: !Ref AWS::NoValue
        - !If
          - Debug
          - {Name: debug, Image: busybox, Privileged: true}
          - !Ref AWS::NoValue
)"));
  CHECK(Unknown(result, "GWL001").size() == 1);
  CHECK(Found(result, "GWL001").size() == 1);
  CHECK(Found(result, "GWL001")[0].subject.container == "debug");
  CHECK(Unknown(result, "GWL011").size() == 1);
  CHECK(Found(result, "GWL003").size() == 2);
}

TEST_CASE("a text that is known in part is judged by that part", "[lint]") {
  const std::string image =
      "        - Name: web\n          Image: !Join [':', [!Ref Repository, "
      "latest]]\n";
  CHECK(Found(Linted("t.yaml", Template(image)), "GWL011").size() == 1);
}

TEST_CASE("Lists, CronJobs, init containers and custom resources are read",
          "[lint]") {
  const LintResult result = Linted("k.yaml", R"(apiVersion: v1
kind: List
items:
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly, namespace: shop}
    spec:
      jobTemplate:
        spec:
          template:
            spec:
              containers: [{name: a, image: a, securityContext: {privileged: true}}]
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: b, image: b}]
      initContainers: [{name: c, image: c, securityContext: {privileged: true}}]
)");
  REQUIRE(Found(result, "GWL001").size() == 2);
  CHECK(Found(result, "GWL001")[0].subject.Name() ==
        "CronJob shop/nightly, container a");
  CHECK(Found(result, "GWL001")[1].subject.Name() ==
        "Rollout web, container c");
}

TEST_CASE("Helm templates and placeholders are unreadable and named",
          "[lint]") {
  const std::string helm = ErrorOf("t.yaml", R"(apiVersion: v1
kind: Pod
metadata: {{ include "x" . }}
spec:
  {{- if .Values.a }}
)");
  CHECK(absl::StrContains(helm, "helm template"));
  CHECK(absl::StrContains(helm, "{{ include \"x\" . }}"));
  CHECK(absl::StrContains(
      ErrorOf("t.json", R"({"containerDefinitions": $CONTAINERS})"),
      "the placeholder $CONTAINERS"));
  CHECK(absl::StrContains(
      ErrorOf("t.json", R"({"containerDefinitions": [{"image": <IMAGE>}]})"),
      "the placeholder <IMAGE>"));
}

TEST_CASE("files of other kinds are skipped and counted", "[lint]") {
  for (const char* text :
       {"{\"name\": \"left-pad\"}", "not: [a, file", "just text", ""}) {
    const LintResult result = Linted("x.yaml", text);
    INFO(text);
    CHECK(result.skipped == 1);
    CHECK(result.unreadable.empty());
  }
}

TEST_CASE("no cut or changed file crashes a reader or a check", "[lint]") {
  for (const std::string& path : FindFiles({DataFolder()}).files) {
    const std::string text = *ReadFile(path);
    for (size_t size = 0; size < text.size(); size += 7) {
      Linted(path, text.substr(0, size));
    }
    for (const auto& [from, to] : {std::pair{"{", "["},
                                   {"[", "{"},
                                   {"true", "[true]"},
                                   {": ", ": !If "},
                                   {"web", "\xC2\x9B"},
                                   {"Name", "Fn::If"},
                                   {"\"", ""}}) {
      Linted(path, absl::StrReplaceAll(text, {{from, to}}));
    }
  }
}

}  // namespace gatewatch::iac
