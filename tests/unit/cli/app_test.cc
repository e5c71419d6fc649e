#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "catch2/catch.hpp"
#include "cli/exit_code.h"
#include "tests/unit/cli/run_app.h"

namespace gatewatch::cli {

TEST_CASE("the help of every command has an example", "[cli]") {
  for (const std::vector<const char*>& command :
       std::vector<std::vector<const char*>>{{"run"},
                                             {"alerts"},
                                             {"alert"},
                                             {"events"},
                                             {"lint"},
                                             {"tree"},
                                             {"agents"},
                                             {"health"},
                                             {"rules"},
                                             {"rules", "list"},
                                             {"rules", "show"},
                                             {"rules", "check"},
                                             {"simulate"},
                                             {"certs"},
                                             {"certs", "init"},
                                             {"certs", "issue"},
                                             {"doctor"}}) {
    std::vector<const char*> arguments = command;
    arguments.push_back("--help");
    const Result result = Run(arguments);
    INFO(command.front());
    CHECK(result.status == kExitOk);
    CHECK_THAT(result.out,
               Catch::Contains("Example") && Catch::Contains("  gatewatch "));
  }
}

TEST_CASE("wrong usage exits with 2", "[cli]") {
  CHECK(Run({}).status == kExitUsage);
  CHECK(Run({"no-such-command"}).status == kExitUsage);
  CHECK(Run({"alert"}).status == kExitUsage);
  CHECK(Run({"alerts", "--since", "yesterday"}).status == kExitUsage);
  CHECK(Run({"alerts", "--severity", "loud"}).status == kExitUsage);
  CHECK(Run({"alerts", "--follow", "--since", "1h"}).status == kExitUsage);
  CHECK(Run({"events", "--kind", "exec,no-such-kind"}).status == kExitUsage);
  CHECK(Run({"run"}).status == kExitUsage);
  CHECK(Run({"simulate"}).status == kExitUsage);
  CHECK(Run({"simulate", "no-such-thing"}).status == kExitUsage);
}

TEST_CASE("an analyzer that is away exits with 3 and says what to do",
          "[cli]") {
  for (const std::vector<const char*>& command :
       std::vector<std::vector<const char*>>{{"alerts"},
                                             {"alerts", "--follow"},
                                             {"alert", "x"},
                                             {"events"},
                                             {"tree", "x"},
                                             {"agents"},
                                             {"health"},
                                             {"rules", "list"},
                                             {"rules", "show", "x"}}) {
    std::vector<const char*> arguments = {"--analyzer", "unix:/nonexistent/s"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Result result = Run(arguments);
    INFO(command.front());
    CHECK(result.status == kExitUnreachable);
    CHECK_THAT(result.err, Catch::Contains("unix:/nonexistent/s") &&
                               Catch::Contains("gatewatch-analyzer"));
  }
}

TEST_CASE("a global option may follow the command", "[cli]") {
  CHECK(Run({"agents", "--analyzer", "unix:/nonexistent/s"}).status ==
        kExitUnreachable);
}

TEST_CASE("plaintext beyond this machine is refused", "[cli]") {
  const Result result = Run({"--analyzer", "192.0.2.1:7443", "agents"});
  CHECK(result.status == kExitUsage);
  CHECK_THAT(result.err, Catch::Contains("--insecure-plaintext"));
}

TEST_CASE("a fine rule file is counted", "[cli]") {
  const TextFile file(
      "- rule: A\n  desc: d\n  condition: evt.type = execve\n"
      "  output: o\n  priority: INFO\n");
  const Result result = Run({"rules", "check", file.path()});
  CHECK(result.status == kExitOk);
  CHECK(result.out == "supported    A\n1 rule in 1 file: 1 supported\n");
}

TEST_CASE("a broken rule file exits with 2 and the position", "[cli]") {
  const TextFile file(
      "- rule: A\n  desc: d\n  condition: evt.type =\n"
      "  output: o\n  priority: INFO\n");
  const Result result = Run({"rules", "check", file.path()});
  CHECK(result.status == kExitUsage);
  CHECK_THAT(result.err, Catch::Contains("rules.yaml:"));
  CHECK(Run({"rules", "check", "/nonexistent.yaml"}).status == kExitUsage);
}

TEST_CASE("each rule of a checked file is judged", "[cli]") {
  const TextFile file(
      "- rule: A\n  desc: d\n  condition: evt.type = open and evt.rawres >= 0\n"
      "  output: o\n  priority: INFO\n"
      "- rule: B\n  desc: d\n  condition: ka.verb = create\n"
      "  output: o\n  priority: INFO\n  source: k8s_audit\n");
  const Result text = Run({"rules", "check", file.path()});
  CHECK(text.status == kExitNoMatch);
  CHECK(text.out ==
        "degraded     A: evt.rawres is presumed on launch, attach\n"
        "unsupported  B: no events of the source k8s_audit\n"
        "2 rules in 1 file: 1 degraded, 1 unsupported\n");
  const Result json = Run({"rules", "check", file.path(), "-o", "json"});
  CHECK_THAT(json.out,
             Catch::StartsWith("{\"name\":\"A\",\"id\":\"\",\"status\":"
                               "\"degraded\",\"reason\":\"evt.rawres"));
}

TEST_CASE("rules are tested with recorded events", "[cli]") {
  const TextFile rules(
      "- rule: A\n  desc: d\n"
      "  condition: evt.type = execve and proc.name = sh\n"
      "  output: by %proc.name\n  priority: INFO\n");
  const TextFile events(
      "{\"event\":{\"syscall\":\"execve\",\"process_exec\":{}},"
      "\"process\":{\"name\":\"sh\"}}\n"
      "{\"event\":{\"syscall\":\"execve\",\"process_exec\":{}},"
      "\"process\":{\"name\":\"ls\"}}\n");
  const Result fired =
      Run({"rules", "test", rules.path(), "--events", events.path()});
  CHECK(fired.status == kExitOk);
  CHECK(fired.out ==
        "event 1: A (informational): by sh\n    evt.type = \"execve\"  was "
        "execve\n"
        "    proc.name = \"sh\"  was sh\n2 events, 1 alerts\n");
  const Result why = Run({"rules", "test", rules.path(), "--events",
                          events.path(), "--why-not", "A", "-o", "json"});
  CHECK(why.out ==
        "{\"event\":1,\"fires\":true}\n"
        "{\"event\":2,\"fires\":false,\"held\":1,\"failed\":"
        "{\"condition\":\"proc.name = "
        "\\\"sh\\\"\",\"value\":\"ls\",\"origin\":\"\"}}\n");
  CHECK(Run({"rules", "test", rules.path(), "--events", events.path(),
             "--why-not", "Z"})
            .status == kExitUsage);
}

TEST_CASE("rules are tested and checked with a tuning file", "[cli]") {
  const TextFile rules(
      "- rule: A\n  desc: d\n  condition: evt.type = execve\n"
      "  output: o\n  priority: INFO\n");
  const TextFile events(
      "{\"event\":{\"syscall\":\"execve\",\"process_exec\":{}},"
      "\"process\":{\"name\":\"sh\"},\"workload\":{\"service\":\"shop\"}}\n");
  const TextFile tuning(
      "exceptions:\n- name: known\n  workload: {service: shop}\n"
      "  reason: it is quiet there\n");
  const Result silenced = Run({"rules", "test", rules.path(), "--events",
                               events.path(), "--tuning", tuning.path()});
  CHECK(silenced.status == kExitNoMatch);
  CHECK_THAT(silenced.out,
             Catch::Contains("no alert: exception known (service shop): it is "
                             "quiet there\n") &&
                 Catch::EndsWith("1 events, 0 alerts, 1 silenced\n"));
  const TextFile wrong("exceptions:\n- {name: x, workload: {pot: a}}\n");
  const Result check =
      Run({"rules", "check", rules.path(), "--tuning", wrong.path()});
  CHECK(check.status == kExitUsage);
  CHECK_THAT(check.err, Catch::Contains(std::string(wrong.path()) +
                                        ":2:24: exception x:"));
}

TEST_CASE("the documented fields are those that there are", "[cli]") {
  const std::string path =
      std::string(std::getenv("GATEWATCH_SOURCE")) + "/docs/rule-fields.md";
  std::ifstream file(path);
  REQUIRE(file);
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  const Result fields = Run({"rules", "fields", "--markdown"});
  INFO("write the output of `gatewatch rules fields --markdown` there");
  CHECK_THAT(text, Catch::EndsWith(fields.out));
}

TEST_CASE("the list of simulations names their rules", "[cli]") {
  const Result result = Run({"simulate", "list"});
  CHECK(result.status == kExitOk);
  CHECK_THAT(result.out, Catch::Contains("reverse-shell") &&
                             Catch::Contains("Shadow file read"));
}

TEST_CASE("run ends with the status of the command", "[cli][run]") {
  CHECK(Run({"run", "--", "sh", "-c", "exit 7"}).status == 7);
  CHECK(Run({"run", "--", "sh", "-c", "kill -TERM $$"}).status == 128 + 15);
  CHECK(Run({"run", "--", "/nonexistent"}).status == 127);
}

TEST_CASE("what follows -- is the command's, options and all", "[cli][run]") {
  const char* const script = R"(test "$1" = alerts && test "$2" = --help)";
  CHECK(
      Run({"run", "--", "sh", "-c", script, "sh", "alerts", "--help"}).status ==
      0);
}

TEST_CASE("run says how much it saw", "[cli][run]") {
  CHECK_THAT(Run({"run", "--", "true"}).err, Catch::Contains(" events, 0 "));
  CHECK_THAT(Run({"run", "-o", "json", "--", "true"}).err,
             Catch::StartsWith("{\"events\":") &&
                 Catch::EndsWith("\"alerts\":0,\"lost\":0}\n"));
}

TEST_CASE("run with a broken rule file does not start the command",
          "[cli][run]") {
  const TextFile file("- rule: [");
  const Result result =
      Run({"run", "--rules", file.path(), "--", "sh", "-c", "exit 0"});
  CHECK(result.status == kExitUsage);
}

}  // namespace gatewatch::cli
