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

// A rule as they are written for the log source, and what must not match: a
// rule that asks for a little else, and an event that is a little else.
struct ViewRow {
  const char* what;
  const char* source;
  const char* selection;
  const char* other_selection;
  const char* event;
  const char* other_event;
};

constexpr char kExec[] =
    R"(syscall: "execve" outcome { status: STATUS_SUCCEEDED }
       process_exec { filename: "./sh" confirmed: true })";
constexpr char kRead[] =
    R"(syscall: "openat" outcome { status: STATUS_SUCCEEDED return_value: 3 }
       file_open { file { path: "/etc/cron.d/job" kind: KIND_REGULAR } })";
constexpr char kWrite[] =
    R"(syscall: "openat" outcome { status: STATUS_UNKNOWN }
       file_open { file { path: "/etc/cron.d/job" } flags: 65 creates: true })";
constexpr char kDeniedWrite[] =
    R"(syscall: "openat" outcome { status: STATUS_FAILED error: 13 }
       file_open { file { path: "/etc/cron.d/job" } flags: 65 creates: true })";
constexpr char kUnlink[] =
    R"(syscall: "unlinkat" outcome { status: STATUS_UNKNOWN }
       file_change { operation: OPERATION_UNLINK
                     file { path: "/var/log/syslog" kind: KIND_REGULAR } })";
constexpr char kDeniedUnlink[] =
    R"(syscall: "unlinkat" outcome { status: STATUS_FAILED error: 1 }
       file_change { operation: OPERATION_UNLINK
                     file { path: "/var/log/syslog" kind: KIND_REGULAR } })";
constexpr char kRename[] =
    R"(syscall: "renameat2" outcome { status: STATUS_UNKNOWN }
       file_change { operation: OPERATION_RENAME
                     file { path: "/tmp/x" kind: KIND_REGULAR }
                     target { path: "/etc/ld.so.preload" } })";
constexpr char kSymlink[] =
    R"(syscall: "symlink" outcome { status: STATUS_UNKNOWN }
       file_change { operation: OPERATION_SYMLINK
                     file { raw_path: "/dev/null" }
                     target { path: "/root/.bash_history" } })";
constexpr char kChmod[] =
    R"(syscall: "fchmodat" outcome { status: STATUS_UNKNOWN }
       file_change { operation: OPERATION_CHMOD mode: 2541
                     file { path: "/tmp/rootbash" kind: KIND_REGULAR } })";
constexpr char kConnect[] =
    R"(syscall: "connect" socket_call { fd: 3 socket {
         family: 2 type: 1 protocol: 6
         local { ip: "\x0a\x00\x00\x05" port: 40000 }
         remote { ip: "\xcb\x00\x71\x09" port: 4444
                  name: "pool.miner.example" } } })";
constexpr char kAccept[] =
    R"(syscall: "accept4" socket_call { fd: 4 socket {
         family: 2 type: 1 protocol: 6
         local { ip: "\x0a\x00\x00\x05" port: 4444 }
         remote { ip: "\xcb\x00\x71\x09" port: 40000 } } })";
constexpr char kDns[] =
    R"(syscall: "dns" dns { response: true solicited: true
         questions { name: "update.onion.example" type: 1 record_class: 1 }
         answers { name: "update.onion.example" type: 1
                   ip: "\xcb\x00\x71\x09" } })";
constexpr char kDnsQuestion[] =
    R"(syscall: "dns" dns {
         questions { name: "www.example" type: 28 record_class: 1 } })";
constexpr char kModule[] =
    R"(syscall: "finit_module" outcome { status: STATUS_FAILED error: 1 }
       kernel_interface { interface: INTERFACE_LOAD_MODULE name: "/x.ko" })";
constexpr char kMount[] =
    R"(syscall: "mount" outcome { status: STATUS_SUCCEEDED }
       mount_change { operation: OPERATION_MOUNT source: "/dev/sda1"
                      target { path: "/mnt/host" } })";

const ViewRow kViewRows[] = {
    {"a web server's shell", "category: process_creation, product: linux",
     "Image|endswith: [/dash, /bash], ParentImage|endswith: /nginx, "
     "CommandLine|contains|all: [' -c ', 'ID'], User: www-data",
     "Image|endswith: [/dash, /bash], ParentImage|endswith: /nginx, "
     "CommandLine|contains|all: [' -c ', whoami]",
     kExec, kConnect},
    {"who starts what, and where", "category: process_creation, product: linux",
     "CommandLine|re: '^/bin/sh\\s+-c', CurrentDirectory|startswith: /srv, "
     "ParentCommandLine|contains: worker, LogonId: 4294967295",
     "CommandLine|startswith: sh, ParentCommandLine|contains: worker", kExec,
     R"(syscall: "execve" outcome { status: STATUS_FAILED error: 2 }
        process_exec { filename: "./sh" })"},
    {"what has no such parent", "category: process_creation, product: linux",
     "Image|endswith: /dash, ParentUser: null", "ParentImage: null", kExec,
     kRead},
    {"a job for cron", "category: file_event, product: linux",
     "TargetFilename|startswith: [/etc/cron.d/, /etc/cron.daily/], "
     "Image|endswith: dash",
     "TargetFilename|endswith: [.sh, .py]", kWrite, kRead},
    {"a job for cron that was not written",
     "category: file_event, product: linux",
     "TargetFilename|contains: /cron.d/", "TargetFilename: cron.d", kWrite,
     kDeniedWrite},
    {"a file moved to its place", "category: file_event, product: linux",
     "TargetFilename: /etc/ld.so.preload", "TargetFilename: /tmp/x", kRename,
     kUnlink},
    {"a history linked to nothing", "category: file_event, product: linux",
     "TargetFilename|endswith: /.bash_history", "TargetFilename: /dev/null",
     kSymlink, kChmod},
    {"a log that is deleted", "category: file_delete, product: linux",
     "TargetFilename|startswith: /var/log/, User: www-data",
     "TargetFilename|startswith: /var/log/, User: root", kUnlink,
     kDeniedUnlink},
    {"a file that is renamed", "category: file_rename, product: linux",
     "SourceFilename|startswith: /tmp, TargetFilename|endswith: .preload",
     "TargetFilename|startswith: /tmp", kRename, kSymlink},
    {"a file that is read", "category: file_access, product: linux",
     "TargetFilename: /etc/cron.d/job, ParentImage|endswith: nginx",
     "TargetFilename: /etc/cron.d/", kRead, kUnlink},
    {"a mode that is changed", "category: file_change, product: linux",
     "TargetFilename|startswith: /tmp/", "TargetFilename|startswith: /var/",
     kChmod, kWrite},
    {"a port of malware's", "category: network_connection, product: linux",
     "Initiated: 'true', DestinationPort: [4444, 5555], SourcePort|gt: 1024, "
     "Protocol: tcp, Image|endswith: /dash",
     "Initiated: 'false', DestinationPort: 4444", kConnect, kAccept},
    {"a pool of miners", "category: network_connection, product: linux",
     "DestinationHostname: [pool.example, pool.miner.example], "
     "DestinationIp|cidr: [203.0.113.0/24, 'fc00::/7']",
     "DestinationIp|cidr: [10.0.0.0/8, '::/0']", kConnect, kDns},
    {"a name that is asked for", "category: dns_query, product: linux",
     "QueryName|endswith: .onion.example, QueryResults|contains: 203.0.113.",
     "QueryName: onion.example", kDns, kDnsQuestion},
    {"a name that is asked for, as network sensors have it", "category: dns",
     "query|contains: onion, record_type: A, answer: 203.0.113.9",
     "query|contains: onion, record_type: AAAA", kDns, kDnsQuestion},
    {"EXECVE", "product: linux, service: auditd",
     "type: EXECVE, a0|endswith: sh, a1: '-c', a2|contains: id, a3: null",
     "type: EXECVE, a0|endswith: sh, a2: '-c'", kExec, kWrite},
    {"arguments as keywords", "product: linux, service: auditd",
     "'|all': [/bin/sh, 'id; ls']", "'|all': [/bin/sh, whoami]", kExec, kWrite},
    {"SYSCALL", "product: linux, service: auditd",
     "type: SYSCALL, SYSCALL: [finit_module, init_module], success: 'no', "
     "exit: -1, comm: sh, exe: /usr/bin/dash, key: null",
     "type: SYSCALL, SYSCALL: delete_module", kModule, kMount},
    {"KERN_MODULE", "product: linux, service: auditd", "type: KERN_MODULE",
     "type: MMAP", kModule, kMount},
    {"PATH", "product: linux, service: auditd",
     "type: PATH, name|startswith: [/etc/cron, /var/spool/cron], "
     "nametype: CREATE",
     "type: PATH, name: /etc/cron.d/job, nametype: NORMAL", kWrite, kUnlink},
    {"PATH of what is deleted", "product: linux, service: auditd",
     "type: PATH, nametype: DELETE, name: /var/log/syslog, success: 'yes'",
     "type: PATH, nametype: DELETE, name: /var/log/syslog, success: 'no'",
     kUnlink, kDeniedUnlink},
    {"CWD", "product: linux, service: auditd",
     "type: CWD, name: /mnt/host, cwd: /srv, uid: 33, SYSCALL: mount",
     "type: CWD, name: /mnt", kMount, kModule},
    {"SOCKADDR", "product: linux, service: auditd",
     "type: SOCKADDR, SYSCALL: connect, saddr: 203.0.113.9",
     "type: SOCKADDR, SYSCALL: sendto", kConnect, kDns},
};

}  // namespace

TEST_CASE("rules as people write them match our events, and not their likes",
          "[sigma]") {
  for (const ViewRow& row : kViewRows) {
    CAPTURE(row.what, row.selection, row.other_selection);
    const Loaded rule = LoadText(ViewRule(row.source, row.selection));
    const Loaded other = LoadText(ViewRule(row.source, row.other_selection));
    REQUIRE(rule.ok());
    REQUIRE(other.ok());
    const v1::EventRecord event = ShellDoes(row.event);
    CHECK(FiredBy(**rule, event).size() == 1);
    CHECK(FiredBy(**other, event).empty());
    CHECK(FiredBy(**rule, ShellDoes(row.other_event)).empty());
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
