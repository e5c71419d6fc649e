#include "cli/render_alert.h"

#include <sstream>

#include "catch2/catch.hpp"

namespace gatewatch::cli {
namespace {

v1::GetAlertResponse ReverseShell() {
  v1::GetAlertResponse response;
  v1::Alert& alert = *response.mutable_alert();
  alert.set_id("0c9qk5v2m1x7z");
  alert.set_rule("Reverse shell");
  alert.set_severity(v1::SEVERITY_CRITICAL);
  alert.set_output("sh talks over a socket to \\x1b[31m");
  alert.set_description("A shell on a socket. Response: isolate the task.");
  alert.add_tags("T1059.004");
  alert.add_tags("mitre_execution");
  alert.set_count(2);
  alert.set_first_time_ns(1'769'860'800'000'000'000);
  alert.set_last_time_ns(1'769'860'860'000'000'000);
  v1::Reason& reason = *alert.add_reasons();
  reason.set_condition("proc.stdin.type = socket");
  reason.set_value("socket\n");
  v1::EventRecord& event = *alert.mutable_event();
  event.mutable_event()->set_sequence(40);
  event.mutable_process()->set_name("sh");
  event.mutable_process()->set_pid(7);
  event.mutable_process()->set_key("5h2k9q0x7m3zc");
  event.mutable_process()->mutable_executable()->set_written_by("curl");
  event.mutable_container()->set_name("web");
  event.mutable_container()->set_image("registry.example/web:1.4");
  event.mutable_workload()->set_task_arn("arn:aws:ecs:task/1");
  for (int sequence = 20; sequence < 60; ++sequence) {
    v1::EventRecord& around = *response.add_around();
    around.mutable_event()->set_sequence(sequence);
    around.mutable_process()->set_name("sh");
    around.mutable_process()->set_pid(sequence);
  }
  return response;
}

std::string PageOf(const v1::GetAlertResponse& response) {
  std::ostringstream out;
  WriteAlertPage(response, out);
  return out.str();
}

}  // namespace

TEST_CASE("an alert's page says what, where, who, why and what to do",
          "[cli]") {
  const std::string page = PageOf(ReverseShell());
  for (const char* part :
       {"CRITICAL  Reverse shell  (0c9qk5v2m1x7z)",
        "2026-01-31T12:00:00.000Z, 2 times until 2026-01-31T12:01:00.000Z",
        "task        arn:aws:ecs:task/1", "container   web",
        "image       registry.example/web:1.4",
        "process     sh[7]  key 5h2k9q0x7m3zc", "written by curl",
        "proc.stdin.type = socket",
        "T1059.004  https://attack.mitre.org/techniques/T1059/004/",
        "  execution\n", "Response: isolate the task."}) {
    CHECK_THAT(page, Catch::Contains(part));
  }
}

TEST_CASE("what the analyzer escaped is not escaped again", "[cli]") {
  CHECK(GuardEscaped("a \\x1b[31m \\\\ b") == "a \\x1b[31m \\\\ b");
  CHECK(GuardEscaped("\x1b\\n\n") == "\\x1b\\n\\n");
  CHECK_THAT(PageOf(ReverseShell()), Catch::Contains("was socket\\n\n"));
}

TEST_CASE("the events shown are those nearest to the alert's own", "[cli]") {
  const std::string page = PageOf(ReverseShell());
  CHECK_THAT(page, Catch::Contains("> 1970-01-01T00:00:00.000Z  sh[40]"));
  CHECK_THAT(page, Catch::Contains("sh[34]") && Catch::Contains("sh[45]"));
  CHECK_THAT(page, !Catch::Contains("sh[33]") && !Catch::Contains("sh[46]"));
}

TEST_CASE("an alert without anything is still a page", "[cli]") {
  CHECK_THAT(PageOf({}), Catch::Contains("Where") && Catch::Contains("Who"));
}

TEST_CASE("an alert in a list is one line", "[cli]") {
  CHECK(AlertLine(ReverseShell().alert()) ==
        "2026-01-31T12:00:00.000Z  critical  0c9qk5v2m1x7z  Reverse shell x2: "
        "sh talks over a socket to \\x1b[31m");
}

}  // namespace gatewatch::cli
