// Our events as the log sources that Sigma's rules are for.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

std::string ViewRule(const std::string& source, const std::string& selection) {
  return absl::StrCat("title: V\nlogsource: {", source, "}\ndetection: {s: {",
                      selection, "}, condition: s}\n");
}

}  // namespace

TEST_CASE("our events are seen as the log sources that rules are for",
          "[sigma]") {
  struct Row {
    const char* source;
    const char* selection;
    v1::EventRecord (*event)();
  };
  const Row rows[] = {
      {"category: process_creation",
       "Image|endswith: /dash, User: WWW-data, "
       "ParentImage: /usr/sbin/nginx, CurrentDirectory|startswith: /srv, "
       "CommandLine: '/bin/sh -c id; ls', ParentCommandLine|contains: 'worker'",
       ShellExec},
      {"category: file_access, product: linux",
       "TargetFilename|endswith: /shadow, Image|endswith: dash", ShadowOpen},
      {"category: network_connection, product: linux",
       "DestinationIp|cidr: 169.254.0.0/16, DestinationPort: 80, "
       "Initiated: 'true', Protocol: tcp, SourceIp: 10.0.0.5",
       Connect},
      {"category: network_connection", "DestinationIp: '2001:DB8::1'",
       Connect6},
      {"product: linux, service: auditd",
       "type: EXECVE, a0: /bin/sh, a1|startswith: '-', a2|contains: id",
       ShellExec},
      {"product: linux, service: auditd",
       "type: PATH, name: /etc/shadow, nametype: NORMAL", ShadowOpen},
      {"product: linux, service: auditd",
       "type: SYSCALL, SYSCALL: connect, comm: sh, saddr: 169.254.170.2",
       Connect},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source, row.selection);
    const Loaded rules = LoadText(ViewRule(row.source, row.selection));
    REQUIRE(rules.ok());
    for (const auto& event : {ShellExec, ShadowOpen, Connect, Connect6}) {
      const bool own = event == row.event;
      CHECK(FiredBy(**rules, event()).size() == (own ? 1 : 0));
    }
  }
}

TEST_CASE("the user's views come before those built in", "[sigma]") {
  const std::string rule =
      ViewRule("product: linux, category: process_creation", "Img: dash");
  const std::string view =
      "---\nsigma:\n  views:\n  - name: mine\n"
      "    logsource: [{product: linux, category: process_creation}]\n"
      "    events: agent\n    when: evt.type = execve\n"
      "    output: '%proc.name'\n    keywords: proc.name\n"
      "    fields: {Img: basename(proc.exepath)}\n";
  const Loaded rules = LoadText(rule + view);
  REQUIRE(rules.ok());
  CHECK(FiredBy(**rules, ShellExec()).size() == 1);
  const Loaded wrong =
      LoadText(rule + absl::StrReplaceAll(view, {{"basename(", "frob("}}));
  REQUIRE_FALSE(wrong.ok());
  CHECK_THAT(std::string(wrong.status().message()),
             Catch::StartsWith("rules.yaml:"));
}

}  // namespace gatewatch::detection
