// Macros of the shapes that published Falco rules are made of, over events as
// a rung without outcomes sends them: each holds for the behaviour and not for
// its harmless twin.

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

constexpr char kMacros[] = R"(
- required_engine_version: 0.57.0
- required_plugin_versions: [{name: container, version: 0.4.0}]
- {list: opens, items: [open, openat, openat2]}
- {list: private_nets, items: ['"10.0.0.0/8"', '"192.168.0.0/16"']}
- {macro: never, condition: (evt.num=0)}
- {macro: always, condition: (evt.num>=0)}
- {macro: contained, condition: (container.id != host)}
- {macro: named, condition: (proc.name exists and proc.name != "<NA>")}
- macro: reads
  condition: (evt.type in (opens) and evt.is_open_read=true and
    fd.typechar='f' and fd.num>=0)
- macro: writes
  condition: (evt.type in (opens) and evt.is_open_write=true and
    fd.typechar='f' and fd.num>=0)
- macro: open_failed
  condition: (evt.type in (opens) and fd.typechar='f' and fd.num=-1 and
    evt.res startswith E)
- macro: spawns
  condition: (evt.type in (execve, execveat) and evt.rawres=0)
- macro: container_begins
  condition: (spawns and proc.vpid=1 and contained)
- macro: renames
  condition: (evt.type in (rename, renameat, renameat2))
- macro: removes
  condition: (evt.type in (rmdir, unlink, unlinkat))
- macro: permits
  condition: (evt.type in (chmod, fchmod, fchmodat) and
    (evt.arg.mode contains "S_ISUID" or evt.arg.mode contains "S_ISGID"))
- macro: outward
  condition: (((evt.type = connect) or
    (evt.type in (sendto, sendmsg) and fd.l4proto != tcp and
     fd.connected=false and fd.name_changed=true)) and
    (fd.typechar = 4 or fd.typechar = 6) and
    (fd.ip != "0.0.0.0" and fd.net != "127.0.0.0/8" and
     not fd.snet in (private_nets)) and
    (evt.rawres >= 0 or evt.res = EINPROGRESS))
- macro: inward
  condition: (((evt.type in (accept, accept4, listen))) and
    (fd.typechar = 4 or fd.typechar = 6) and
    (fd.ip != "0.0.0.0" and fd.net != "127.0.0.0/8") and
    (evt.rawres >= 0 or evt.res = EINPROGRESS))
- macro: redirects
  condition: (evt.type in (dup, dup2, dup3) and evt.rawres in (0, 1, 2) and
    fd.type in ("ipv4", "ipv6"))
- macro: becomes_itself
  condition: ((user.name=www-data and evt.arg.uid=www-data) or
    (user.name=mail and evt.arg.uid=mail))
- macro: changes_user
  condition: (evt.type=setuid and not becomes_itself)
- macro: mounts_secret
  condition: (spawns and not container.mount.dest[/etc] in ("<NA>", "N/A"))
- macro: links_secret
  condition: (evt.type in (symlink, symlinkat) and
    evt.arg.target in (/etc/shadow, /etc))
)";

// Whether a rule with this condition fires.
bool Fires(const std::string& condition, const v1::EventRecord& record) {
  const auto rules = LoadText(kMacros + RuleText("r", condition));
  if (!rules.ok()) FAIL(rules.status().message());
  return !FiredBy(**rules, record).empty();
}

// The sample shell's, with another event.
v1::EventRecord Did(const std::string& event) {
  v1::EventRecord record = ShellExec();
  *record.mutable_event() = Record("event { " + event + " }").event();
  return record;
}

v1::EventRecord Opens(const std::string& open,
                      const std::string& outcome = "") {
  return Did("syscall: 'openat' " + outcome + " file_open { " + open + " }");
}

v1::EventRecord Talks(const std::string& call, const std::string& remote,
                      int type = 1) {
  return Did(absl::StrCat("syscall: '", call,
                          "' socket_call { fd: 3 socket { family: 2 type: ",
                          type, " local { ip: '\\x0a\\0\\0\\5' port: 9 } ",
                          "remote { ip: '", remote, "' port: 80 } } }"));
}

constexpr char kPublic[] = "\\1\\2\\3\\4";
constexpr char kPrivate[] = "\\x0a\\1\\2\\3";
constexpr char kLoopback[] = "\\x7f\\0\\0\\1";
constexpr char kFailed[] = "outcome { status: STATUS_FAILED error: 13 }";
constexpr char kFile[] = "file { path: '/x' kind: KIND_REGULAR }";

}  // namespace

TEST_CASE("stock shape: never and always", "[falco]") {
  CHECK(Fires("always", ShellExec()));
  CHECK_FALSE(Fires("never", ShellExec()));
  CHECK_FALSE(Fires("spawns and never", ShellExec()));
  CHECK(Fires("contained and named", ShellExec()));
  v1::EventRecord nameless = ShellExec();
  nameless.mutable_process()->clear_name();
  CHECK_FALSE(Fires("named", nameless));
}

TEST_CASE("stock shape: a file is opened for reading", "[falco]") {
  CHECK(Fires("reads", Opens(kFile)));
  CHECK_FALSE(Fires("reads", Opens(absl::StrCat(kFile, " flags: 1"))));
  CHECK_FALSE(Fires("reads", Opens(kFile, kFailed)));
  CHECK_FALSE(Fires("reads", Opens("file { path: '/x' }")));
  CHECK_FALSE(Fires("reads", Opens("file { kind: KIND_DIRECTORY }")));
}

TEST_CASE("stock shape: a file is opened for writing", "[falco]") {
  CHECK(Fires("writes", Opens(absl::StrCat(kFile, " flags: 1"))));
  CHECK(Fires("writes", Opens("file { path: '/n' } flags: 65 creates: true")));
  CHECK_FALSE(Fires("writes", Opens(kFile)));
  CHECK_FALSE(
      Fires("writes", Opens(absl::StrCat(kFile, " flags: 1"), kFailed)));
}

TEST_CASE("stock shape: an open fails", "[falco]") {
  CHECK(Fires("open_failed", Opens(kFile, kFailed)));
  CHECK_FALSE(Fires("open_failed", Opens(kFile)));
}

TEST_CASE("stock shape: a process is spawned", "[falco]") {
  CHECK(Fires("spawns", ShellExec()));
  CHECK(Fires("spawns",
              Did("syscall: 'execve' process_exec { confirmed: true }")));
  CHECK_FALSE(Fires("spawns", Did("syscall: 'execve' process_exec {}")));
  CHECK_FALSE(Fires("spawns", ShadowOpen()));
}

TEST_CASE("stock shape: a container is started", "[falco]") {
  v1::EventRecord record = ShellExec();
  record.mutable_process()->set_container_id("c");
  record.mutable_container()->set_start_time_ns(1'200'000'000);
  CHECK(Fires("container_begins", record));
  // A child of what started it, and a session that came later.
  v1::EventRecord child = record;
  child.mutable_ancestors(0)->set_container_id("c");
  CHECK_FALSE(Fires("container_begins", child));
  v1::EventRecord later = record;
  later.mutable_process()->set_start_time_ns(60'000'000'000);
  CHECK_FALSE(Fires("container_begins", later));
}

TEST_CASE("stock shape: files are changed", "[falco]") {
  const v1::EventRecord rename =
      Did("syscall: 'rename' file_change { operation: OPERATION_RENAME }");
  const v1::EventRecord unlink =
      Did("syscall: 'unlinkat' file_change { operation: OPERATION_UNLINK }");
  CHECK(Fires("renames", rename));
  CHECK_FALSE(Fires("removes", rename));
  CHECK(Fires("removes", unlink));
  const auto chmod = [](int mode) {
    return Did(
        absl::StrCat("syscall: 'fchmodat' file_change { operation: "
                     "OPERATION_CHMOD mode: ",
                     mode, " }"));
  };
  CHECK(Fires("permits", chmod(04755)));
  CHECK_FALSE(Fires("permits", chmod(0755)));
}

TEST_CASE("stock shape: a connection leaves the network", "[falco]") {
  CHECK(Fires("outward", Talks("connect", kPublic)));
  CHECK_FALSE(Fires("outward", Talks("connect", kPrivate)));
  CHECK_FALSE(Fires("outward", Talks("connect", kLoopback)));
  CHECK_FALSE(Fires("outward", Talks("bind", kPublic)));
  CHECK(Fires("outward", Talks("sendto", kPublic, 2)));
  CHECK_FALSE(Fires("outward", Talks("sendto", kPublic, 1)));
  v1::EventRecord refused = Talks("connect", kPublic);
  *refused.mutable_event()->mutable_outcome() =
      Record("event { outcome { status: STATUS_FAILED error: 111 } }")
          .event()
          .outcome();
  CHECK_FALSE(Fires("outward", refused));
  refused.mutable_event()->mutable_outcome()->set_error(115);
  CHECK(Fires("outward", refused));
}

TEST_CASE("stock shape: a connection comes in", "[falco]") {
  CHECK(Fires("inward", Talks("accept4", kPublic)));
  CHECK_FALSE(Fires("inward", Talks("connect", kPublic)));
  CHECK_FALSE(Fires("inward", Talks("accept4", kLoopback)));
}

TEST_CASE("stock shape: a shell's descriptors become a socket", "[falco]") {
  const auto dup = [](int descriptor, const char* to) {
    return Did(absl::StrCat(
        "syscall: 'dup2' descriptor_dup { old_fd: 3 new_fd: ", descriptor,
        " refers_to { ", to, " } }"));
  };
  constexpr char kSocket[] = "kind: KIND_SOCKET socket { family: 2 }";
  CHECK(Fires("redirects", dup(1, kSocket)));
  CHECK_FALSE(Fires("redirects", dup(5, kSocket)));
  CHECK_FALSE(Fires("redirects", dup(1, "kind: KIND_PIPE")));
}

TEST_CASE("stock shape: a process takes another user", "[falco]") {
  CHECK(Fires("changes_user",
              Did("syscall: 'setuid' credential_change { uid: 0 }")));
  CHECK_FALSE(Fires("changes_user",
                    Did("syscall: 'setuid' credential_change { uid: 33 }")));
}

TEST_CASE("stock shape: no mount is known, so none is secret", "[falco]") {
  CHECK_FALSE(Fires("mounts_secret", ShellExec()));
}

TEST_CASE("stock shape: a link to a secret is made", "[falco]") {
  const auto link = [](const char* target) {
    return Did(
        absl::StrCat("syscall: 'symlinkat' file_change { operation: "
                     "OPERATION_SYMLINK file { raw_path: '",
                     target, "' } target { path: '/tmp/l' } }"));
  };
  CHECK(Fires("links_secret", link("/etc/shadow")));
  CHECK_FALSE(Fires("links_secret", link("/srv")));
}

}  // namespace gatewatch::detection
