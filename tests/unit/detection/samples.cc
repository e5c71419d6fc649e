#include "tests/unit/detection/samples.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/condition.h"
#include "google/protobuf/text_format.h"

namespace gatewatch::detection {
namespace {

constexpr char kSurroundings[] = R"(
  agent_id: "agent-1"
  process {
    key: "SHELL" revision: 2 parent { key: "NGINX" revision: 1 }
    pid: 4242 namespace_pid: 42 parent_pid: 4000
    start_time_ns: 1000000000 process_group: 4242 session: 4000
    name: "sh" arguments: "/bin/sh" arguments: "-c" arguments: "id; ls"
    environment: "LD_PRELOAD=/tmp/x.so" environment: "AWS_REGION=eu"
    working_directory: "/srv"
    executable {
      path: "/usr/bin/dash" inode: 77 sha256: "abc123"
      modify_time_ns: 11 change_time_ns: 12
    }
    credentials {
      uid: 33 effective_uid: 33 gid: 34 effective_gid: 34
      login_uid: 4294967295 user_name: "www-data"
      effective_capabilities: 2 permitted_capabilities: 3
    }
  }
  ancestors {
    pid: 4000 name: "nginx" arguments: "nginx:" arguments: "worker"
    executable { path: "/usr/sbin/nginx" }
  }
  ancestors { pid: 3000 name: "supervisord" arguments: "python3" }
  ancestors { pid: 2000 name: "tini" }
  container {
    id: "0123456789abcdef0123" name: "web" start_time_ns: 500
    image: "registry.example:5000/shop/web:1.2@sha256:ff"
    image_digest: "sha256:ff"
  }
  workload {
    task_arn: "arn:aws:ecs:eu-west-1:1:task/c/t" task_family: "shop"
    task_revision: "7" cluster: "c" service: "s" host_name: "ip-10-0-0-5"
    pod: "web-0" namespace: "shop"
  }
)";

}  // namespace

v1::EventRecord Record(const std::string& text) {
  v1::EventRecord record;
  if (!google::protobuf::TextFormat::ParseFromString(text, &record)) {
    FAIL("not a record: " << text);
  }
  return record;
}

v1::EventRecord ShellDoes(const std::string& event) {
  return Record(absl::StrCat(kSurroundings, "event { sequence: 9 ",
                             "time_ns: 3000000000 tid: 4243 ", event, " }"));
}

v1::EventRecord ShellExec() {
  return ShellDoes(R"(
    syscall: "execve" outcome { status: STATUS_SUCCEEDED }
    process_exec { filename: "./sh" confirmed: true })");
}

v1::EventRecord ShadowOpen() {
  return ShellDoes(R"(
    syscall: "openat" outcome { status: STATUS_SUCCEEDED return_value: 5 }
    file_open {
      file { path: "/etc/shadow" raw_path: "../etc/shadow"
             resolved_path: "/private/etc/shadow" kind: KIND_REGULAR }
    })");
}

v1::EventRecord Connect() {
  return ShellDoes(R"(
    syscall: "connect"
    socket_call {
      fd: 3
      socket {
        family: 2 type: 1 protocol: 6
        local { ip: "\x0a\x00\x00\x05" port: 40000 }
        remote { ip: "\xa9\xfe\xaa\x02" port: 80 }
      }
    })");
}

v1::EventRecord Connect6() {
  return ShellDoes(R"(
    syscall: "connect"
    socket_call {
      fd: 3
      socket {
        family: 10 type: 2
        local { ip: "\xfd\x00\0\0\0\0\0\0\0\0\0\0\0\0\0\x05" port: 40000 }
        remote { ip: "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01" port: 443 }
      }
    })");
}

bool Holds(const std::string& condition, const v1::EventRecord& record) {
  const auto parsed = Condition::Parse(condition);
  if (!parsed.ok()) FAIL(condition << ": " << parsed.status());
  return parsed->Matches(ViewOf(record));
}

std::string ConditionError(const std::string& condition) {
  const auto parsed = Condition::Parse(condition);
  if (parsed.ok()) return "";
  CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

Loaded LoadText(const std::string& text) {
  return RuleSet::Load({{"rules.yaml", text}});
}

std::vector<std::string> FiredBy(const RuleSet& rules,
                                 const v1::EventRecord& record) {
  std::vector<std::string> names;
  for (const Match& match : rules.Matches(ViewOf(record))) {
    names.push_back(match.rule->name());
  }
  return names;
}

std::string RuleText(const std::string& name, const std::string& condition) {
  return absl::StrCat("- rule: ", name, "\n  desc: d\n  condition: ", condition,
                      "\n  output: o\n  priority: WARNING\n");
}

}  // namespace gatewatch::detection
