#include "iac/inject/inject.h"

#include <string>

#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "iac/edit/unified_diff.h"
#include "iac/utf16.h"

namespace gatewatch::iac {
namespace {

using Catch::Contains;

InjectOptions Sidecar() {
  InjectOptions options;
  options.image = "r/gatewatch-agent@sha256:00";
  options.environment = {{"GATEWATCH_ANALYZER", "a:7443"}};
  return options;
}

InjectOptions Launch() {
  InjectOptions options = Sidecar();
  options.mode = InjectOptions::Mode::kLaunch;
  options.images.Add("web:1", "amd64", {{"/start"}, {"--serve"}});
  options.images.Add("web:1", "arm64", {{"/start-arm"}, {}});
  return options;
}

Injection Injected(const std::string& text,
                   const InjectOptions& options = Sidecar()) {
  auto injection = Inject("f", text, options);
  INFO(injection.status());
  REQUIRE(injection.ok());
  return *std::move(injection);
}

std::string Lines(const std::vector<std::string>& lines) {
  return absl::StrJoin(lines, "\n");
}

// A task with one container "web" and what else is given.
std::string Task(const std::string& task, const std::string& web = "",
                 const std::string& more = "") {
  return "{\"family\": \"shop\"" + task +
         ", \"containerDefinitions\": [{\"name\": \"web\", \"image\": "
         "\"web:1\"" +
         web + "}" + more + "]}\n";
}

std::string ErrorsOf(const std::string& text,
                     const InjectOptions& options = Sidecar()) {
  const Injection injection = Injected(text, options);
  CHECK(injection.after == injection.before);
  return Lines(injection.findings.errors);
}

}  // namespace

TEST_CASE("a task gets the agent's container and nothing else", "[iac]") {
  const Injection injection = Injected(Task(""));
  CHECK(injection.after ==
        R"({"family": "shop", "containerDefinitions": [{"name": "web", )"
        R"("image": "web:1", "dependsOn": [{"containerName": )"
        R"("gatewatch-agent", "condition": "START"}]}, {"name": )"
        R"("gatewatch-agent", "image": "r/gatewatch-agent@sha256:00", )"
        R"("essential": false, "cpu": 32, "memory": 128, )"
        R"("memoryReservation": 64, "user": "0", )"
        R"("readonlyRootFilesystem": true, "linuxParameters": )"
        R"({"capabilities": {"add": ["SYS_PTRACE"], "drop": ["AUDIT_WRITE", )"
        R"("CHOWN", "FOWNER", "FSETID", "MKNOD", "NET_BIND_SERVICE", )"
        R"("SETFCAP", "SETPCAP", "SYS_CHROOT"]}}, "restartPolicy": )"
        R"({"enabled": true, "restartAttemptPeriod": 60}, "stopTimeout": 30, )"
        R"("healthCheck": {"command": ["CMD", "gatewatch-agent", "--health"], )"
        R"("interval": 10, "timeout": 5, "retries": 3, "startPeriod": 10}, )"
        R"("environment": [{"name": "GATEWATCH_ANALYZER", "value": "a:7443"}, )"
        R"({"name": "GATEWATCH_MEMORY_LIMIT", "value": "96MiB"}, )"
        R"({"name": "GATEWATCH_INJECTED", "value": "v1 pidMode )"
        R"(web/dependsOn"}]}], "pidMode": "task"})"
        "\n");
  CHECK(injection.findings.edits ==
        std::vector<std::string>{"f:1: shop: web starts after the agent",
                                 "f:1: shop: pidMode is task",
                                 "f:1: shop: container gatewatch-agent"});
}

TEST_CASE("a pod gets the agent in the manifest's own style", "[iac]") {
  const Injection injection = Injected(
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:  # ours\n  - name: web\n"
      "    image: web:1\n  # the end\n");
  CHECK(
      injection.after ==
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:  # ours\n  - name: web\n"
      "    image: web:1\n"
      "  shareProcessNamespace: true\n"
      "  initContainers:\n"
      "    - name: gatewatch-agent\n"
      "      image: \"r/gatewatch-agent@sha256:00\"\n"
      "      restartPolicy: Always\n"
      "      env:\n"
      "        - name: GATEWATCH_ANALYZER\n"
      "          value: \"a:7443\"\n"
      "        - name: GATEWATCH_MEMORY_LIMIT\n"
      "          value: \"96MiB\"\n"
      "        - name: GATEWATCH_INJECTED\n"
      "          value: \"v1 initContainers shareProcessNamespace\"\n"
      "        - name: POD_NAME\n"
      "          valueFrom:\n"
      "            fieldRef:\n"
      "              fieldPath: metadata.name\n"
      "        - name: POD_NAMESPACE\n"
      "          valueFrom:\n"
      "            fieldRef:\n"
      "              fieldPath: metadata.namespace\n"
      "        - name: NODE_NAME\n"
      "          valueFrom:\n"
      "            fieldRef:\n"
      "              fieldPath: spec.nodeName\n"
      "        - name: POD_SERVICE_ACCOUNT\n"
      "          valueFrom:\n"
      "            fieldRef:\n"
      "              fieldPath: spec.serviceAccountName\n"
      "      securityContext:\n"
      "        runAsUser: 0\n"
      "        runAsNonRoot: false\n"
      "        allowPrivilegeEscalation: false\n"
      "        readOnlyRootFilesystem: true\n"
      "      resources:\n"
      "        requests:\n"
      "          cpu: \"50m\"\n"
      "          memory: \"128Mi\"\n"
      "        limits:\n"
      "          cpu: \"50m\"\n"
      "          memory: \"128Mi\"\n"
      "      livenessProbe:\n"
      "        exec:\n"
      "          command:\n"
      "            - gatewatch-agent\n"
      "            - \"--health\"\n"
      "        periodSeconds: 10\n"
      "        timeoutSeconds: 5\n"
      "  # the end\n");
}

TEST_CASE("SYS_PTRACE is for the agent alone, and in pods on nodes only",
          "[iac]") {
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: web\n";
  CHECK_THAT(Injected(pod).after, !Contains("SYS_PTRACE"));
  InjectOptions options = Sidecar();
  options.on_nodes = true;
  CHECK_THAT(Injected(pod, options).after, Contains("SYS_PTRACE"));
}

TEST_CASE("the agent shares the pod's user where the pod has one", "[iac]") {
  const std::string after =
      Injected(
          "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n"
          "      securityContext: {runAsUser: 1000}\n"
          "      containers: [{name: web, image: x}]\n")
          .after;
  CHECK_THAT(after, !Contains("runAsUser: 0"));
  CHECK_THAT(after, Contains("drop:\n                - ALL\n"));
}

TEST_CASE("what is given for the agent counts more than the template",
          "[iac]") {
  InjectOptions options = Sidecar();
  options.environment.push_back({"GATEWATCH_MEMORY_LIMIT", "64MiB"});
  const std::string after = Injected(Task(""), options).after;
  CHECK_THAT(after, Contains("64MiB") && !Contains("96MiB"));
}

TEST_CASE("launch wraps what the image runs", "[iac]") {
  CHECK_THAT(
      Injected(Task(""), Launch()).after,
      Contains(R"("entryPoint": ["/opt/gatewatch/gatewatch-launch", "--", )"
               R"("/start"], "command": ["--serve"])"));
  CHECK_THAT(Injected(Task("", R"(, "command": ["x"])"), Launch()).after,
             Contains(R"("command": ["x"], "entryPoint": )"
                      R"(["/opt/gatewatch/gatewatch-launch", "--", "/start"], )"
                      R"("mountPoints")"));
  // Whoever gave an entry point has lost the image's command before.
  CHECK_THAT(
      Injected(Task("", R"(, "entryPoint": ["x"])"), Launch()).after,
      Contains(R"("entryPoint": ["/opt/gatewatch/gatewatch-launch", "--", )"
               R"("x"], "mountPoints")"));
  CHECK_THAT(
      Injected(Task(R"(, "runtimePlatform": {"cpuArchitecture": "ARM64"})"),
               Launch())
          .after,
      Contains(R"("--", "/start-arm"], "mountPoints")"));
}

TEST_CASE("a container that cannot be launched is told of, loudly if strict",
          "[iac]") {
  const std::string task = Task("", "", R"(, {"name": "b", "image": "b:1"})");
  InjectOptions options = Launch();
  CHECK_THAT(Lines(Injected(task, options).findings.warnings),
             Contains("b is not launched: what the image \"b:1\" runs on amd64 "
                      "is not known; tell it by --image-config"));
  options.strict = true;
  CHECK_THAT(ErrorsOf(task, options), Contains("b is not launched"));
  CHECK_THAT(
      Lines(Injected(Task("", R"(, "entryPoint": {"Ref": "E"})"), Launch())
                .findings.warnings),
      Contains("entryPoint is no list of words"));
}

TEST_CASE("what a person has said is respected", "[iac]") {
  const auto note = [](const std::string& text, const InjectOptions& options) {
    const Injection injection = Injected(text, options);
    CHECK(injection.after == injection.before);
    return Lines(injection.findings.notes);
  };
  const std::string tag =
      R"(, "tags": [{"key": "gatewatch.inject", "value": "false"}])";
  CHECK_THAT(note(Task(tag), Sidecar()), Contains("gatewatch.inject is false"));
  InjectOptions options = Sidecar();
  options.opt_in = true;
  CHECK_THAT(note(Task(""), options), Contains("gatewatch.inject is not true"));
  CHECK_THAT(
      note(Task("", R"(, "dockerLabels": {"gatewatch.inject": "false"})"),
           Sidecar()),
      Contains("web: gatewatch.inject is false"));
  options = Sidecar();
  options.exclude = {"web"};
  CHECK_THAT(note(Task(""), options), Contains("web: excluded"));
  CHECK_THAT(note("apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n"
                  "    gatewatch.inject: \"false\"\nspec:\n  containers:\n"
                  "  - name: web\n",
                  Sidecar()),
             Contains("gatewatch.inject is false"));
  CHECK_THAT(
      note(Task("", "", R"(, {"name": "gatewatch-agent", "image": "i"})"),
           Sidecar()),
      Contains("an agent that was not put there by inject"));
  CHECK_THAT(note("apiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n"
                  "  - name: gatewatch-agent\n  containers:\n  - name: web\n",
                  Sidecar()),
             Contains("an agent that was not put there by inject"));
}

TEST_CASE("log routers, init containers and other sensors are left alone",
          "[iac]") {
  const Injection injection = Injected(Task(
      "", R"(, "dependsOn": [{"containerName": "i", "condition": "SUCCESS"}])",
      R"(, {"name": "i", "image": "i:1", "essential": false})"
      R"(, {"name": "l", "image": "l:1", "firelensConfiguration": {}})"
      R"(, {"name": "d", "image": "public.ecr.aws/datadog/agent:7"})"));
  CHECK_THAT(injection.after,
             Contains(R"({"name": "i", "image": "i:1", "essential": false}, )"
                      R"({"name": "l", "image": "l:1", )"
                      R"("firelensConfiguration": {}}, {"name": "d", )"
                      R"("image": "public.ecr.aws/datadog/agent:7"}, )"));
  CHECK_THAT(injection.after,
             Contains(R"("condition": "SUCCESS"}, {"containerName": )"
                      R"("gatewatch-agent", "condition": "START"}])"));
  CHECK(injection.findings.notes.size() == 3);
}

TEST_CASE("what ECS would refuse is an error that says what to do", "[iac]") {
  const std::string fargate = R"(, "requiresCompatibilities": ["FARGATE"])";
  CHECK_THAT(ErrorsOf(Task(R"(, "pidMode": "host")")),
             Contains("pidMode is not task"));
  CHECK_THAT(ErrorsOf(Task(fargate + R"(, "cpu": "256", "memory": "4096")")),
             Contains("Fargate has no size of 256 CPU units with 4096 MiB"));
  CHECK(ErrorsOf(Task(fargate + R"(, "cpu": ".5 vCPU", "memory": "1 GB", )"
                                R"("pidMode": 3)"))
            .find("Fargate has no size") == std::string::npos);
  CHECK_THAT(ErrorsOf(Task(R"(, "cpu": "256")", R"(, "cpu": 240)")),
             Contains("reserve 272 CPU units with the agent, and the task has "
                      "256; raise"));
  CHECK_THAT(ErrorsOf(Task("", "", R"(, {"name": "web", "image": "x"})")),
             Contains("two containers are named web"));
  CHECK_THAT(ErrorsOf(Task("", R"(, "portMappings": [{"containerPort": 80}])",
                           R"(, {"name": "b", "image": "b", "portMappings": )"
                           R"([{"containerPort": 80, "protocol": "tcp"}]})")),
             Contains("two containers take port 80/tcp"));
  CHECK_THAT(ErrorsOf(Task("", R"(, "dependsOn": [{"containerName": "x"}])")),
             Contains("depends on x, which is no container"));
  CHECK_THAT(ErrorsOf(Task("", R"(, "dependsOn": [{"containerName": "b"}])",
                           R"(, {"name": "b", "image": "b", "dependsOn": )"
                           R"([{"containerName": "web"}]})")),
             Contains("in a circle"));
  CHECK_THAT(ErrorsOf(Task("",
                           R"(, "dependsOn": [{"containerName": "b", )"
                           R"("condition": "SUCCESS"}])",
                           R"(, {"name": "b", "image": "b"})")),
             Contains("which is essential"));
  std::string nine;
  for (int i = 0; i < 9; ++i) {
    nine += ", {\"name\": \"n" + std::to_string(i) + "\", \"image\": \"x\"}";
  }
  CHECK_THAT(ErrorsOf(Task("", "", nine)), Contains("11 containers"));
}

TEST_CASE("what may go wrong is a warning", "[iac]") {
  InjectOptions options = Sidecar();
  options.image = "r/gatewatch-agent:1";
  CHECK_THAT(Lines(Injected(Task(""), options).findings.warnings),
             Contains("is not pinned"));
  CHECK_THAT(
      Lines(
          Injected(Task("", "", R"(, {"name": "s", "image": "linuxserver/x"})"))
              .findings.warnings),
      Contains("s seems to need pid 1"));
  CHECK_THAT(
      Lines(Injected("Resources:\n  S:\n    Type: AWS::ECS::Service\n"
                     "    Properties:\n      EnableExecuteCommand: true\n  T:\n"
                     "    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
                     "      ContainerDefinitions:\n      - Name: a\n")
                .findings.warnings),
      Contains("ECS Exec is enabled"));
  CHECK_THAT(
      Lines(Injected(R"([{"name": "a", "image": "b"}])").findings.warnings),
      Contains("set pid_mode = \"task\" in the aws_ecs_task_definition"));
}

TEST_CASE("a described task definition becomes one to register", "[iac]") {
  const Injection injection = Injected(
      "{\n    \"taskDefinition\": {\n        \"taskDefinitionArn\": \"a\",\n"
      "        \"containerDefinitions\": [{\"name\": \"web\"}],\n"
      "        \"status\": \"ACTIVE\",\n        \"registeredBy\": \"me\"\n"
      "    },\n    \"tags\": [{\"key\": \"k\", \"value\": \"v\"}]\n}\n");
  CHECK_THAT(injection.after,
             Catch::StartsWith("{\n    \"containerDefinitions\": [{\"name\": "
                               "\"web\", "));
  CHECK_THAT(injection.after, !Contains("taskDefinition\"") &&
                                  !Contains("ACTIVE") &&
                                  !Contains("registeredBy"));
  CHECK_THAT(injection.after,
             Contains("    \"tags\": [{\"key\": \"k\", \"value\": \"v\"}],\n"));
  const auto removed = Remove("f", injection.after);
  REQUIRE(removed.ok());
  CHECK(removed->after ==
        "{\n    \"containerDefinitions\": [{\"name\": \"web\"}],\n"
        "    \"tags\": [{\"key\": \"k\", \"value\": \"v\"}]\n}\n");
}

TEST_CASE("an edit of the injected file survives an update", "[iac]") {
  std::string text = Injected(Task("")).after;
  text.insert(text.find("\"family\""), "\"cpu\": \"512\", ");
  InjectOptions newer = Sidecar();
  newer.image = "r/gatewatch-agent@sha256:11";
  const Injection updated = Injected(text, newer);
  CHECK_THAT(updated.after, Contains("\"cpu\": \"512\"") &&
                                Contains("sha256:11") &&
                                !Contains("sha256:00"));
  CHECK(Remove("f", updated.after)->after ==
        Task("").insert(1, "\"cpu\": \"512\", "));
}

TEST_CASE("what came by an alias is not changed", "[iac]") {
  CHECK_THAT(
      ErrorsOf("apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n"
               "  kind: Pod\n  spec: &s\n    containers:\n    - name: a\n"
               "- apiVersion: v1\n  kind: Pod\n  spec: *s\n"),
      Contains("comes by an alias"));
}

TEST_CASE("an unknown kind of file is refused with what it looks like",
          "[iac]") {
  const auto why = [](const std::string& text) {
    return std::string(Inject("f", text, Sidecar()).status().message());
  };
  CHECK_THAT(why("a: 1\nb: 2\n"), Contains("a mapping with the keys: a, b"));
  CHECK_THAT(why("[1, 2]"), Contains("a list of 2 values"));
  CHECK_THAT(why(""), Contains("but empty"));
  CHECK_THAT(why(R"({"format_version": "1.2", "planned_values": {}})"),
             Contains("a Terraform plan"));
  CHECK_THAT(why("Resources: [\n"), Contains("f:2:1: "));
}

TEST_CASE("a file in UTF-16 is restored byte for byte", "[iac]") {
  const std::string bytes =
      Encode("\uFEFF" + Task(""), SourceFile::Encoding::kUtf16Little);
  const Injection once = Injected(bytes);
  const auto back = Remove("f", Encode(once.after, once.encoding));
  REQUIRE(back.ok());
  CHECK(Encode(back->after, back->encoding) == bytes);
}

TEST_CASE("a unified diff is what patch reads", "[iac]") {
  CHECK(UnifiedDiff("f", "a\nb\n", "a\nb\n") == "");
  CHECK(UnifiedDiff("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                    "1\n2\n3\n4\nx\n6\n7\n8\n9\ny") ==
        "--- f\n+++ f\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n 9\n"
        "+y\n\\ No newline at end of file\n");
  CHECK(UnifiedDiff("f", "", "a\n") == "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
}

}  // namespace gatewatch::iac
