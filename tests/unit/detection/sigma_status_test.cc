// What is told of Sigma's rules before any event comes.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"
#include "tests/unit/detection/sigma_samples.h"

namespace gatewatch::detection {
namespace {

constexpr char kProcess[] = "product: linux, category: process_creation";
constexpr char kFile[] = "product: linux, category: file_event";
constexpr char kNetwork[] = "product: linux, category: network_connection";
constexpr char kAuditd[] = "product: linux, service: auditd";

// Of a log source and a detection in YAML.
std::string RuleFor(const std::string& source, const std::string& detection) {
  return absl::StrCat("title: T\nlogsource: {", source, "}\ndetection: {",
                      detection, "}\n");
}

}  // namespace

TEST_CASE("the ordinary rule of a log source is supported", "[sigma]") {
  struct Row {
    const char* source;
    const char* selection;
  };
  const Row rows[] = {
      {kProcess, "Image|endswith: /x, CommandLine|contains: y, User: root"},
      {kProcess, "ParentImage: x, ParentCommandLine: y, CurrentDirectory: z"},
      {kFile, "TargetFilename|startswith: /etc/cron, Image: x"},
      {"product: linux, category: file_delete", "TargetFilename: x"},
      {"product: linux, category: file_rename", "SourceFilename: x"},
      {"product: linux, category: file_change", "TargetFilename: x"},
      {"product: linux, category: file_access", "TargetFilename: x"},
      {kNetwork, "DestinationPort: 4444, Initiated: 'true', Image: x"},
      {kNetwork, "DestinationIp|cidr: 'fc00::/7', Protocol: tcp"},
      {"product: linux, category: dns_query", "QueryName|endswith: .onion"},
      {"category: dns", "query: x, record_type: TXT"},
      {kAuditd, "type: EXECVE, a0: x, a1|contains: y, exe: z"},
      {kAuditd, "type: SYSCALL, SYSCALL: [connect, ptrace], comm: x"},
      {kAuditd, "type: PATH, name: /etc/shadow, nametype: DELETE"},
      {"product: aws, service: cloudtrail", "eventName: x, errorCode: null"},
      {"product: kubernetes, service: audit", "verb: create, hostPath: x"},
      {"product: linux, service: sshd", "message|contains: x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source, row.selection);
    CHECK(SigmaStatusOf(RuleFor(row.source, absl::StrCat("s: {", row.selection,
                                                         "}, condition: s"))) ==
          "supported: ");
  }
}

TEST_CASE("a rule is degraded for what it asks for itself", "[sigma]") {
  struct Row {
    const char* source;
    const char* detection;
    const char* reason;
  };
  const Row rows[] = {
      {kProcess, "s: {Image: x}, f: {LogonGuid: y}, condition: s and not f",
       "no event has the field LogonGuid"},
      {kProcess,
       "a: {Image: x}, b: {Company: y, Product: z}, condition: 1 of *",
       "no event has the field Company, Product"},
      {kNetwork, "s: {DestinationHostname: x}, condition: s",
       "fd.rip.name needs the DNS answer to be seen (packet)"},
      {kAuditd, "s: {SYSCALL: mount, success: 'no'}, condition: s",
       "audit.success is presumed on launch, attach"},
      {kAuditd, "s: {SYSCALL: openat, exit: -13}, condition: s",
       "evt.rawres is presumed on launch, attach"},
      {kAuditd, "s: {SYSCALL: [sendto, sendmsg]}, condition: s",
       "only ebpf sees sendmsg"},
      {kAuditd, "s: {SYSCALL: recvfrom}, condition: s",
       "no rung sees recvfrom"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source, row.detection);
    CHECK(SigmaStatusOf(RuleFor(row.source, row.detection)) ==
          absl::StrCat("degraded: ", row.reason));
  }
}

TEST_CASE("a rule that no event can fulfil is unsupported", "[sigma]") {
  struct Row {
    const char* source;
    const char* selection;
    const char* reason;
  };
  const Row rows[] = {
      {kAuditd, "type: USER_AUTH, acct: root",
       "it never holds: no event has the field acct; no event fulfils "
       "audit.type iequals \"USER_AUTH\""},
      {kAuditd, "type: [ADD_USER, DEL_USER]",
       "it never holds: no event fulfils audit.type iequals anyof "
       "(\"ADD_USER\", \"DEL_USER\")"},
      {kAuditd, "key|contains: passwd",
       "it never holds: no event has the field key"},
      {kAuditd, "type: EXECVE, SYSCALL: connect",
       "it never holds: its parts exclude each other"},
      {kProcess, "Image|endswith: x, IntegrityLevel: System",
       "it never holds: no event has the field IntegrityLevel"},
      {kNetwork, "Initiated: 'false', DestinationPort: 22",
       "it never holds: no event fulfils concat(\"true\") iequals \"false\""},
      {kProcess, "Image|fieldref: NewProcessName",
       "it never holds: no event has the field NewProcessName"},
      {"product: windows, category: process_creation", "Image: x",
       "no events of the log source windows/process_creation"},
      {"product: windows, service: security", "EventID: 4624",
       "no events of the log source windows/security"},
      {"product: windows, category: ps_script", "ScriptBlockText: x",
       "no events of the log source windows/ps_script"},
      {"product: windows", "x: y", "no events of the log source windows"},
      {"product: macos, category: file_event", "TargetFilename: x",
       "no events of the log source macos/file_event"},
      {"definition: none", "x: y",
       "its logsource has neither category, product nor service"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source, row.selection);
    const std::string file = RuleFor(
        row.source, absl::StrCat("s: {", row.selection, "}, condition: s"));
    CHECK(SigmaStatusOf(file) == absl::StrCat("unsupported: ", row.reason));
    CHECK(LoadText(file).ok());
  }
}

TEST_CASE("agents capture no more than a rule's fields can be of", "[sigma]") {
  struct Row {
    const char* source;
    const char* selection;
    const char* kinds;
  };
  const Row rows[] = {
      {kAuditd, "type: EXECVE, a0: x", "exec"},
      {kAuditd, "a0: chmod, a1: 777", "exec"},
      {kAuditd, "'|all': [x], type: EXECVE", "exec"},
      {kAuditd, "name: x, nametype: DELETE", "rename rmdir unlink"},
      {kAuditd, "type: [PATH, CWD], nametype|contains: x",
       "chmod chown exec link mkdir mknod open rename rmdir symlink truncate "
       "unlink xattr"},
      {kAuditd, "name|startswith: /etc/",
       "chmod chown exec link mkdir mknod mount open rename rmdir symlink "
       "truncate unlink xattr"},
      {kAuditd, "type: SYSCALL, SYSCALL: [init_module, bpf]", "kernel"},
      {kAuditd, "type: SYSCALL, name|endswith: /shadow, SYSCALL: openat",
       "open"},
      {kAuditd, "type: SOCKADDR", "accept bind connect listen sendto socket"},
      {kAuditd, "type: KERN_MODULE", "kernel"},
      {kAuditd, "type: USER_AUTH", ""},
      {kAuditd, "exe: /usr/bin/x", "everything"},
      {kFile, "TargetFilename: x", "link mknod open rename symlink truncate"},
      {"product: windows, category: file_event", "TargetFilename: x", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source, row.selection);
    const Loaded rules = LoadText(RuleFor(
        row.source, absl::StrCat("s: {", row.selection, "}, condition: s")));
    REQUIRE(rules.ok());
    const auto kinds = (*rules)->NeededKinds();
    CHECK((kinds ? absl::StrJoin(*kinds, " ") : "everything") == row.kinds);
  }
}

TEST_CASE("files with what is rare but valid load", "[sigma]") {
  const RuleReport report = RuleSet::Check({{"rules.yaml", R"(---
title: First of several
id: 11111111-2222-3333-4444-555555555555
name: first
status: experimental
date: 2024-05-31
modified: 2024/06/01
author: [a, b]
references: ['https://example.com/?a=%20b']
related:
    - id: 66666666-7777-8888-9999-000000000000
      type: derived
falsepositives: [Unknown]
custom: {nested: [1, {x: y}]}
simulation: [{type: atomic-red-team}]
regression_tests_path: tests/x.yml
taxonomy: sigma
scope: [server]
license: MIT
logsource:
    category: process_creation
    product: linux
    definition: 'Needs command lines'
    custom_key: x
detection:
    selection_img:
        - Image|endswith: ['/a', '/b']
        - OriginalFileName: 'a.exe'
    selection_cli:
        CommandLine|re|i|m|s: '^a.b\s+(?:c|d)$'
    filter_main_parent:
        ParentImage|startswith: '/opt/*/bin/'
    filter_optional_dash:
        CommandLine|windash|contains|all: [' -x ', ' --y']
    filter_optional_self:
        Image|fieldref: ParentImage
        User|exists: true
    condition: all of selection_* and not 1 of filter_main_* and not 1 of filter_optional_*
level: medium
tags: [attack.t1059.004, attack.stealth, detection.emerging-threats]
---
title: Networks
logsource: {category: network_connection, product: linux}
detection:
    selection: {DestinationIp|cidr: ['::1/128', 'fe80::/10', 10.0.0.0/8]}
    condition: selection
---
title: A placeholder
logsource: {category: process_creation, product: linux}
detection:
    selection: {User|expand: '%Administrators%'}
    condition: selection
---
title: Within a time
logsource: {product: linux, service: auth}
detection:
    keywords: ['authentication failure']
    timeframe: 10m
    condition: keywords | count() by host > 5
---
title: A service alone
logsource: {service: sshd}
detection: {keywords: {'|all': [Failed, 42]}, condition: keywords}
---
title: Many of the first
correlation:
    type: event_count
    rules: [first]
    group-by: [User]
    timespan: 10m
    condition: {gte: 10}
level: high
)"}});
  CHECK(absl::StrJoin(report.errors, "\n").empty());
  std::string told;
  for (const v1::Rule& rule : report.rules) {
    absl::StrAppend(&told, rule.name(), ": ", rule.status(), "\n");
  }
  CHECK(told ==
        "First of several: degraded\nNetworks: supported\n"
        "A placeholder: unsupported\nWithin a time: unsupported\n"
        "A service alone: supported\nMany of the first: degraded\n");
  REQUIRE(report.rules.size() == 6);
  CHECK(report.rules[0].reason() ==
        "it alerts only by way of the correlation Many of the first");
  CHECK_THAT(report.rules[5].reason(), Catch::Contains("never fires"));
}

TEST_CASE("a global document of Sigma 1 is refused", "[sigma]") {
  const Loaded rules = LoadText(
      "action: global\ntitle: T\n---\n"
      "logsource: {product: linux, category: process_creation}\n"
      "detection: {s: {Image: x}, condition: s}\n");
  REQUIRE_FALSE(rules.ok());
  CHECK_THAT(std::string(rules.status().message()),
             Catch::StartsWith("rules.yaml:1:9: action: global is of Sigma 1"));
  // Of any other rule it is a key like others.
  CHECK(SigmaStatusOf("action: block\n" +
                      SigmaRuleOf("{s: {a: 1}, condition: s}")) ==
        "supported: ");
}

}  // namespace gatewatch::detection
