// Every row of the tables, against an event that has it and one that has not.

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "detection/field.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

std::string Read(const std::string& name, const v1::EventRecord& record) {
  const auto field = Field::Find(name);
  if (!field.ok()) FAIL(field.status());
  const Values values = field->Extract(ViewOf(record));
  if (values.empty()) return "<NA>";
  return absl::StrJoin(values, ",", [](std::string* out, const Value& value) {
    absl::StrAppend(out, value.text);
  });
}

v1::EventRecord WithDetail(const std::string& event) {
  v1::EventRecord record = ShellExec();
  *record.mutable_event() = Record("event { " + event + " }").event();
  return record;
}

v1::EventRecord Rename() {
  return WithDetail(R"(
    syscall: "renameat2" file_change { operation: OPERATION_RENAME flags: 1
    file { path: "/a/old" raw_path: "old" } target { path: "/b/new" } })");
}

v1::EventRecord Symlink() {
  return WithDetail(R"(
    syscall: "symlink" file_change { operation: OPERATION_SYMLINK
    file { raw_path: "../etc" } target { path: "/tmp/link" } })");
}

v1::EventRecord Chmod() {
  return WithDetail(R"(
    syscall: "fchmodat" file_change { operation: OPERATION_CHMOD mode: 2541
    file { path: "/tmp/x" kind: KIND_REGULAR } })");
}

v1::EventRecord WriteOpen() {
  return WithDetail(R"(
    syscall: "openat" outcome { status: STATUS_FAILED error: 13 }
    file_open { flags: 577 mode: 493 creates: true
    file { path: "/dir" kind: KIND_DIRECTORY } })");
}

v1::EventRecord Memory() {
  return WithDetail(
      "syscall: 'memfd_create' memory_file { name: 'payload' flags: 3 }");
}

v1::EventRecord Ptrace() {
  return WithDetail(R"(
    syscall: "ptrace" process_access { request: 16 target_pid: 77
    target { key: "VICTIM" } })");
}

v1::EventRecord SetIds() {
  return WithDetail(
      "syscall: 'setresuid' credential_change { uid: 0 gid: 4294967295 }");
}

v1::EventRecord SetGroups() {
  return WithDetail(R"(
    syscall: "setgroups" credential_change { groups: 12 groups: 34
    effective_uid: 7 capabilities { effective: 33 } })");
}

v1::EventRecord Kill() {
  return WithDetail(R"(
    syscall: "kill" on_agent: true signal_send { signal: 9 target_pid: 78
    target { key: "KILLED" } })");
}

v1::EventRecord ReadMemory() {
  return WithDetail(R"(
    syscall: "process_vm_readv" process_access { target_pid: 79
    method: METHOD_READ_MEMORY })");
}

v1::EventRecord JoinNamespace() {
  return WithDetail(R"(
    syscall: "setns" namespace_change { namespaces: 131072 target_pid: 80
    path: "mnt:[42]" target { key: "HOST" } })");
}

v1::EventRecord Mount() {
  return WithDetail(R"(
    syscall: "mount" outcome { status: STATUS_FAILED error: 1 } mount_change {
    operation: OPERATION_MOUNT source: "/dev/sda1" file_system: "ext4"
    flags: 4097 target { path: "/mnt" kind: KIND_DIRECTORY } })");
}

v1::EventRecord MoveMount() {
  return WithDetail(R"(
    syscall: "move_mount" mount_change { operation: OPERATION_MOVE flags: 4
    target { path: "/mnt" } })");
}

v1::EventRecord Bpf() {
  return WithDetail(R"(
    syscall: "bpf" kernel_interface { interface: INTERFACE_BPF command: 5 })");
}

v1::EventRecord LoadModule() {
  return WithDetail(R"(
    syscall: "finit_module" kernel_interface { flags: 2
    interface: INTERFACE_LOAD_MODULE name: "/tmp/root.ko" })");
}

v1::EventRecord WritableCode() {
  return WithDetail(R"(
    syscall: "mmap" executable_memory { length: 4096 protection: 6
    flags: 34 })");
}

v1::EventRecord Truncate() {
  return WithDetail(R"(
    syscall: "truncate" file_change { operation: OPERATION_TRUNCATE
    length: 5 file { path: "/var/log/auth.log" } })");
}

v1::EventRecord MakeNode() {
  return WithDetail(R"(
    syscall: "mknodat" file_change { operation: OPERATION_MKNOD mode: 24960
    node_device: 2049 file { path: "/tmp/sda1" } })");
}

v1::EventRecord SetAttribute() {
  return WithDetail(R"(
    syscall: "setxattr" file_change { operation: OPERATION_SET_ATTRIBUTE
    attribute: "security.capability" file { path: "/bin/sh" } })");
}

v1::EventRecord DupSocket() {
  return WithDetail(R"(
    syscall: "dup2" descriptor_dup { old_fd: 3 new_fd: 0
    refers_to { kind: KIND_SOCKET socket { family: 2 type: 1
      local { ip: "\x0a\x00\x00\x05" port: 40000 }
      remote { ip: "\x01\x02\x03\x04" port: 4444 } } } })");
}

v1::EventRecord DupFile() {
  return WithDetail(R"(
    syscall: "dup3" descriptor_dup { old_fd: 7 new_fd: 2
    refers_to { kind: KIND_PIPE path: "pipe:[12]" } })");
}

v1::EventRecord Accept() {
  return WithDetail(R"(
    syscall: "accept4" socket_call { fd: 4 socket { family: 2 type: 1
      local { ip: "\x0a\x00\x00\x05" port: 8080 }
      remote { ip: "\x01\x02\x03\x04" port: 50000 } } })");
}

v1::EventRecord UnixConnect() {
  return WithDetail(R"(
    syscall: "connect" socket_call { fd: 5 socket { family: 1 type: 1
      remote { path: "/run/docker.sock" } } })");
}

v1::EventRecord ReadAfterWrite() {
  v1::EventRecord record = ShadowOpen();
  record.mutable_event()->mutable_file_open()->set_written_by("curl");
  return record;
}

v1::EventRecord DnsQuestion() {
  return WithDetail(R"(
    syscall: "dns" dns { id: 7
    questions { name: "www.example" type: 28 record_class: 1 }
    socket { family: 2 type: 2 local { ip: "\x0a\x00\x00\x05" port: 40000 }
      remote { ip: "\x0a\x00\x00\x02" port: 53 } } })");
}

v1::EventRecord DnsAnswer() {
  v1::EventRecord record = DnsQuestion();
  v1::DnsMessage& dns = *record.mutable_event()->mutable_dns();
  dns.set_response(true);
  dns.set_solicited(true);
  dns.set_rcode(3);
  v1::DnsRecord& alias = *dns.add_answers();
  alias.set_type(5);
  alias.set_text("cdn.example");
  alias.set_size(13);
  v1::DnsRecord& address = *dns.add_answers();
  address.set_type(1);
  address.set_ip("\1\2\3\4");
  address.set_size(4);
  return record;
}

v1::EventRecord DnsServed() {
  v1::EventRecord record = DnsQuestion();
  v1::Socket& socket = *record.mutable_event()->mutable_dns()->mutable_socket();
  socket.mutable_local()->Swap(socket.mutable_remote());
  return record;
}

v1::EventRecord NamedConnect() {
  v1::EventRecord record = Connect();
  v1::Socket& socket =
      *record.mutable_event()->mutable_socket_call()->mutable_socket();
  socket.mutable_local()->set_name("me.example");
  socket.mutable_remote()->set_name("peer.example");
  return record;
}

v1::EventRecord PacketSocket() {
  return WithDetail(
      "syscall: 'socket' socket_call { fd: -1 socket { family: 17 type: 3 } }");
}

v1::EventRecord Drifted() {
  v1::EventRecord record = ShellExec();
  v1::Executable& file = *record.mutable_process()->mutable_executable();
  file.set_in_memory(true);
  file.set_upper_layer(true);
  file.set_deleted(true);
  file.set_newer_than_container(true);
  file.set_written_by("curl");
  v1::Process& process = *record.mutable_process();
  process.set_tty(34816);
  process.add_stdio()->set_kind(v1::Descriptor::KIND_TERMINAL);
  v1::Descriptor& out = *process.add_stdio();
  out.set_kind(v1::Descriptor::KIND_FILE);
  out.set_path("/tmp/out");
  v1::Descriptor& err = *process.add_stdio();
  err.set_kind(v1::Descriptor::KIND_SOCKET);
  err.mutable_socket()->mutable_remote()->set_ip("\1\2\3\4");
  err.mutable_socket()->mutable_remote()->set_port(9);
  process.mutable_stdio(0)->set_path("/dev/pts/0");
  record.mutable_event()->set_count(3);
  return record;
}

// On Fargate, by a session leader that an administrator logged in for.
v1::EventRecord Session() {
  v1::EventRecord record = ShellExec();
  v1::Process& process = *record.mutable_process();
  process.set_session(process.pid());
  process.mutable_credentials()->set_login_uid(0);
  process.mutable_credentials()->set_effective_gid(0);
  v1::Process& parent = *record.mutable_ancestors(0);
  parent.set_start_time_ns(900000000);
  parent.set_namespace_pid(40);
  record.mutable_workload()->set_launch_type("FARGATE");
  record.mutable_workload()->set_service_account("robot");
  return record;
}

// The same shell, opening a file that is on a known device.
v1::EventRecord DeviceOpen() {
  v1::EventRecord record = ShadowOpen();
  v1::File& file = *record.mutable_event()->mutable_file_open()->mutable_file();
  file.set_inode(12);
  file.set_device(34);
  return record;
}

v1::EventRecord AgentDied() {
  v1::EventRecord record;
  record.mutable_event()->mutable_loss()->set_reason(
      v1::Loss::REASON_AGENT_DIED);
  return record;
}

struct Row {
  const char* field;
  v1::EventRecord (*has)();
  const char* value;
  // What an event without anything gives; most fields give nothing.
  const char* otherwise = "<NA>";
};

const Row kRows[] = {
    {"evt.type", ShellExec, "execve", ""},
    {"evt.kind", ShellExec, "exec", "agent"},
    {"evt.dir", ShellExec, "<", "<"},
    {"evt.num", ShellExec, "9", "1"},
    {"evt.count", Drifted, "3", "1"},
    {"evt.time", ShellExec, "00:00:03.000000000", "00:00:00.000000000"},
    {"evt.res", WriteOpen, "EACCES"},
    {"evt.res", ShadowOpen, "SUCCESS"},
    {"evt.arg.res", WriteOpen, "EACCES"},
    {"evt.rawres", WriteOpen, "-13"},
    {"evt.rawres", ShadowOpen, "5"},
    {"evt.failed", WriteOpen, "true"},
    {"evt.failed", ShadowOpen, "false"},
    {"evt.failed", Kill, "<NA>"},
    {"evt.args", Kill, "pid=78 sig=SIGKILL", ""},
    {"evt.args", Mount,
     "path=/mnt flags=MS_RDONLY|MS_BIND dev=/dev/sda1 type=ext4 res=EPERM", ""},
    {"evt.args", Rename, "oldpath=/a/old newpath=/b/new flags=1 mode=0", ""},
    {"evt.args", SetIds, "uid=0 gid=-1", ""},
    {"evt.args", DupSocket, "oldfd=3 newfd=0", ""},
    {"evt.is_open_read", ShadowOpen, "true"},
    {"evt.is_open_read", WriteOpen, "false"},
    {"evt.is_open_write", WriteOpen, "true"},
    {"evt.is_open_exec", WriteOpen, "true"},
    {"evt.is_open_exec", ShadowOpen, "false"},
    {"evt.arg.flags", WriteOpen, "O_WRONLY|O_CREAT|O_TRUNC"},
    {"evt.arg.flags", ShadowOpen, "O_RDONLY"},
    {"evt.arg.flags", Memory, "MFD_CLOEXEC|MFD_ALLOW_SEALING"},
    {"evt.arg.flags", Rename, "1"},
    {"evt.arg.flags", Drifted, "EXE_UPPER_LAYER|EXE_FROM_MEMFD"},
    {"evt.arg.flags", ShellExec, "0"},
    {"evt.arg.path", Chmod, "/tmp/x"},
    {"evt.arg.path", Rename, "<NA>"},
    {"evt.arg.path", Symlink, "<NA>"},
    {"evt.arg.name", ShadowOpen, "/etc/shadow"},
    {"evt.arg.name", Memory, "payload"},
    {"evt.arg.filename", ShellExec, "./sh"},
    {"evt.arg.exe", ShellExec, "./sh"},
    {"evt.arg.oldpath", Rename, "/a/old"},
    {"evt.arg.newpath", Rename, "/b/new"},
    {"evt.arg.target", Symlink, "../etc"},
    {"evt.arg.linkpath", Symlink, "/tmp/link"},
    {"evt.arg.mode", Chmod,
     "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID"},
    {"evt.arg.mode", ShadowOpen, "0"},
    {"evt.arg.request", Ptrace, "PTRACE_ATTACH"},
    {"evt.arg.pid", Ptrace, "77"},
    {"evt.arg.uid", SetIds, "0,root"},
    {"evt.arg.gid", SetIds, "-1"},
    {"evt.arg.oldfd", DupSocket, "3"},
    {"evt.arg.newfd", DupSocket, "0"},
    {"evt.arg.domain", PacketSocket, "AF_PACKET"},
    {"evt.arg.flags", Mount, "MS_RDONLY|MS_BIND"},
    {"evt.arg.flags", MoveMount, "4"},
    {"evt.arg.flags", JoinNamespace, "CLONE_NEWNS"},
    {"evt.arg.flags", WritableCode, "MAP_PRIVATE|MAP_ANONYMOUS"},
    {"evt.arg.flags", LoadModule, "2"},
    {"evt.arg.name", LoadModule, "/tmp/root.ko"},
    {"evt.arg.path", JoinNamespace, "mnt:[42]"},
    {"evt.arg.path", MoveMount, "/mnt"},
    {"evt.arg.request", ReadMemory, "<NA>"},
    {"evt.arg.pid", Kill, "78"},
    {"evt.arg.pid", ReadMemory, "79"},
    {"evt.arg.sig", Kill, "SIGKILL"},
    {"evt.arg.nstype", JoinNamespace, "CLONE_NEWNS"},
    {"evt.arg.dev", Mount, "/dev/sda1"},
    {"evt.arg.dev", MakeNode, "2049"},
    {"evt.arg.dir", Mount, "/mnt"},
    {"evt.arg.type", Mount, "ext4"},
    {"evt.arg.cmd", Bpf, "BPF_PROG_LOAD,5"},
    {"evt.arg.cmd", LoadModule, "<NA>"},
    {"evt.arg.prot", WritableCode, "PROT_WRITE|PROT_EXEC"},
    {"evt.arg.length", WritableCode, "4096"},
    {"evt.arg.length", Truncate, "5"},
    {"evt.arg.attribute", SetAttribute, "security.capability"},
    {"evt.arg.euid", SetGroups, "7"},
    {"evt.arg.groups", SetGroups, "12,34"},
    {"evt.arg.cap_effective", SetGroups, "CAP_CHOWN CAP_KILL"},
    {"target.pid", JoinNamespace, "80"},
    {"target.key", JoinNamespace, "HOST"},
    {"target.is_agent", Kill, "true", "false"},
    {"target.is_agent", Ptrace, "false", "false"},
    {"target.key", Kill, "KILLED"},
    {"target.pid", Ptrace, "77"},
    {"target.key", Ptrace, "VICTIM"},

    {"fd.num", Connect, "3"},
    {"fd.num", ShadowOpen, "5"},
    {"fd.num", WriteOpen, "-1"},
    {"fd.num", DupSocket, "0"},
    {"fd.num", PacketSocket, "<NA>"},
    {"fd.name", ShadowOpen, "/etc/shadow"},
    {"fd.name", Symlink, "/tmp/link"},
    {"fd.name", Rename, "/a/old"},
    {"fd.name", Mount, "/mnt"},
    {"fd.name", Truncate, "/var/log/auth.log"},
    {"fd.name", Connect, "10.0.0.5:40000->169.254.170.2:80"},
    {"fd.name", Connect6, "fd00::5:40000->2001:db8::1:443"},
    {"fd.name", UnixConnect, "/run/docker.sock"},
    {"fd.name", DupSocket, "10.0.0.5:40000->1.2.3.4:4444"},
    {"fd.name", DupFile, "pipe:[12]"},
    {"fd.name", Memory, "/memfd:payload"},
    {"fd.name", PacketSocket, "<NA>"},
    {"fd.nameraw", ShadowOpen, "../etc/shadow"},
    {"fd.resolved", ShadowOpen, "/private/etc/shadow"},
    {"fd.resolved", Chmod, "/tmp/x"},
    {"fd.directory", ShadowOpen, "/etc"},
    {"fd.directory", WriteOpen, "/"},
    {"fd.filename", ShadowOpen, "shadow"},
    {"fd.type", ShadowOpen, "file"},
    {"fd.type", WriteOpen, "directory"},
    {"fd.type", Connect, "ipv4"},
    {"fd.type", Connect6, "ipv6"},
    {"fd.type", UnixConnect, "unix"},
    {"fd.type", DupFile, "pipe"},
    {"fd.type", DupSocket, "ipv4"},
    {"fd.typechar", ShadowOpen, "f"},
    {"fd.typechar", WriteOpen, "d"},
    {"fd.typechar", Connect, "4"},
    {"fd.typechar", Connect6, "6"},
    {"fd.typechar", UnixConnect, "u"},
    {"fd.typechar", Memory, "m"},
    {"fd.typechar", PacketSocket, "<NA>"},
    {"fd.sockfamily", Connect6, "ip"},
    {"fd.sockfamily", UnixConnect, "unix"},
    {"fd.l4proto", Connect, "tcp"},
    {"fd.l4proto", Connect6, "udp"},
    {"fd.l4proto", UnixConnect, "<NA>"},
    {"fd.ip", Connect, "10.0.0.5,169.254.170.2"},
    {"fd.net", Connect, "10.0.0.5,169.254.170.2"},
    {"fd.port", Connect, "40000,80"},
    {"fd.sip", Connect, "169.254.170.2"},
    {"fd.sip", Accept, "10.0.0.5"},
    {"fd.snet", Connect, "169.254.170.2"},
    {"fd.sport", Connect, "80"},
    {"fd.sport", Accept, "8080"},
    {"fd.cip", Connect, "10.0.0.5"},
    {"fd.cip", Accept, "1.2.3.4"},
    {"fd.cnet", Connect, "10.0.0.5"},
    {"fd.cport", Connect, "40000"},
    {"fd.cport", Accept, "50000"},
    {"fd.lip", Accept, "10.0.0.5"},
    {"fd.lnet", Connect, "10.0.0.5"},
    {"fd.lport", Accept, "8080"},
    {"fd.rip", Accept, "1.2.3.4"},
    {"fd.rip", DupSocket, "1.2.3.4"},
    {"fd.rnet", Connect, "169.254.170.2"},
    {"fd.rport", Accept, "50000"},
    {"fd.sip.name", NamedConnect, "peer.example"},
    {"fd.sip.name", Connect, "<NA>"},
    {"fd.cip.name", NamedConnect, "me.example"},
    {"fd.lip.name", NamedConnect, "me.example"},
    {"fd.rip.name", NamedConnect, "peer.example"},
    {"fd.sip", DnsQuestion, "10.0.0.2"},
    {"fd.sport", DnsServed, "53"},
    {"fd.cport", DnsServed, "40000"},
    {"fd.l4proto", DnsQuestion, "udp"},
    {"evt.kind", DnsQuestion, "dns", "agent"},

    {"dns.response", DnsAnswer, "true"},
    {"dns.response", DnsQuestion, "false"},
    {"dns.solicited", DnsAnswer, "true"},
    {"dns.question.name", DnsQuestion, "www.example"},
    {"dns.question.domains", DnsQuestion, "www.example,example"},
    {"dns.question.length", DnsQuestion, "11"},
    {"dns.question.type", DnsAnswer, "AAAA"},
    {"dns.rcode", DnsAnswer, "NXDOMAIN"},
    {"dns.rcode", DnsQuestion, "<NA>"},
    {"dns.answers.ip", DnsAnswer, "1.2.3.4"},
    {"dns.answers.name", DnsAnswer, "cdn.example"},
    {"dns.answers.type", DnsAnswer, "CNAME,A"},
    {"dns.answers.count", DnsAnswer, "2"},
    {"dns.answers.count", DnsQuestion, "<NA>"},
    {"dns.answers.size", DnsAnswer, "17"},
    {"fd.written_by", ReadAfterWrite, "curl"},
    {"fd.written_by", ShellExec, "<NA>"},
    {"user.real_uid", ShellExec, "33"},
    {"proc.is_entry_point", ShellExec, "false"},

    {"proc.name", ShellExec, "sh"},
    {"proc.exe", ShellExec, "/bin/sh"},
    {"proc.exepath", ShellExec, "/usr/bin/dash"},
    {"proc.cmdline", ShellExec, "sh -c id; ls"},
    {"proc.args", ShellExec, "-c id; ls"},
    {"proc.env", ShellExec, "LD_PRELOAD=/tmp/x.so AWS_REGION=eu"},
    {"proc.cwd", ShellExec, "/srv/"},
    {"proc.pid", ShellExec, "4242"},
    {"proc.vpid", ShellExec, "42"},
    {"proc.ppid", ShellExec, "4000"},
    {"proc.tty", Drifted, "34816"},
    {"proc.tty", ShellExec, "0"},
    {"proc.sid", ShellExec, "4000"},
    {"proc.pgid", ShellExec, "4242"},
    {"proc.is_vpgid_leader", ShellExec, "true"},
    {"proc.key", ShellExec, "SHELL"},
    {"proc.pkey", ShellExec, "NGINX"},
    {"proc.duration", ShellExec, "2000000000"},
    {"proc.is_exe_from_memfd", Drifted, "true"},
    {"proc.is_exe_from_memfd", ShellExec, "false"},
    {"proc.is_exe_upper_layer", Drifted, "true"},
    {"proc.is_exe_new", Drifted, "true"},
    {"proc.is_exe_deleted", Drifted, "true"},
    {"proc.exe_written_by", Drifted, "curl"},
    {"proc.exe_sha256", ShellExec, "abc123"},
    {"proc.exe_ino", ShellExec, "77"},
    {"proc.exe_ino.mtime", ShellExec, "11"},
    {"proc.exe_ino.ctime", ShellExec, "12"},
    {"proc.stdin.type", Drifted, "tty"},
    {"proc.stdout.type", Drifted, "file"},
    {"proc.stderr.type", Drifted, "socket"},
    {"proc.stdin.name", Drifted, "/dev/pts/0"},
    {"proc.stdout.name", Drifted, "/tmp/out"},
    {"proc.stderr.name", Drifted, "1.2.3.4:9"},
    {"proc.pname", ShellExec, "nginx"},
    {"proc.pexe", ShellExec, "nginx:"},
    {"proc.pexeline", ShellExec, "nginx: worker"},
    {"proc.pexepath", ShellExec, "/usr/sbin/nginx"},
    {"proc.pcmdline", ShellExec, "nginx worker"},
    {"proc.aname", ShellExec, "nginx,supervisord,tini"},
    {"proc.aexe", ShellExec, "nginx:,python3"},
    {"proc.aexepath", ShellExec, "/usr/sbin/nginx"},
    {"proc.acmdline", ShellExec, "nginx worker,supervisord,tini"},
    {"proc.apid", ShellExec, "4000,3000,2000"},
    {"thread.tid", ShellExec, "4243"},
    {"thread.cap_effective", ShellExec, "CAP_DAC_OVERRIDE"},
    {"thread.cap_permitted", ShellExec, "CAP_CHOWN CAP_DAC_OVERRIDE"},
    {"user.uid", ShellExec, "33"},
    {"user.name", ShellExec, "www-data"},
    {"user.loginuid", ShellExec, "-1"},
    {"group.gid", ShellExec, "34"},

    {"container.id", ShellExec, "0123456789ab"},
    {"container.name", ShellExec, "web"},
    {"container.image", ShellExec,
     "registry.example:5000/shop/web:1.2@sha256:ff"},
    {"container.image.repository", ShellExec, "registry.example:5000/shop/web"},
    {"container.image.tag", ShellExec, "1.2"},
    {"container.image.digest", ShellExec, "sha256:ff"},
    {"container.start_ts", ShellExec, "500"},
    {"k8s.pod.name", ShellExec, "web-0"},
    {"k8s.ns.name", ShellExec, "shop"},
    {"ecs.task.arn", ShellExec, "arn:aws:ecs:eu-west-1:1:task/c/t"},
    {"ecs.task.family", ShellExec, "shop"},
    {"ecs.task.revision", ShellExec, "7"},
    {"ecs.cluster", ShellExec, "c"},
    {"ecs.service", ShellExec, "s"},
    {"host.name", ShellExec, "ip-10-0-0-5"},
    {"agent.id", ShellExec, "agent-1"},
    {"agent.loss", AgentDied, "agent_died"},
    {"evt.time.s", ShellExec, "00:00:03", "00:00:00"},
    {"evt.time.iso8601", ShellExec, "1970-01-01T00:00:03.000000000Z",
     "1970-01-01T00:00:00.000000000Z"},
    {"evt.datetime", ShellExec, "1970-01-01 00:00:03.000000000",
     "1970-01-01 00:00:00.000000000"},
    {"evt.datetime.s", ShellExec, "1970-01-01 00:00:03", "1970-01-01 00:00:00"},
    {"evt.rawtime", ShellExec, "3000000000", "0"},
    {"evt.rawtime.s", ShellExec, "3", "0"},
    {"evt.rawtime.ns", ShellExec, "0", "0"},
    {"evt.type.is[execve]", ShellExec, "1", "0"},
    {"syscall.type", ShellExec, "execve", ""},
    {"evt.category", ShellExec, "process", "other"},
    {"evt.category", ShadowOpen, "file", "other"},
    {"evt.category", Connect, "net", "other"},
    {"evt.source", ShellExec, "syscall", "syscall"},
    {"evt.is_async", ShellExec, "false", "false"},
    {"evt.hostname", ShellExec, "ip-10-0-0-5"},
    {"evt.is_open_create", WriteOpen, "true"},
    {"evt.rawarg.res", WriteOpen, "-13"},
    {"fs.path.name", ShadowOpen, "/etc/shadow"},
    {"fs.path.name", Mount, "/mnt"},
    {"fs.path.name", Rename, "<NA>"},
    {"fs.path.nameraw", ShadowOpen, "../etc/shadow"},
    {"fs.path.source", Rename, "/a/old"},
    {"fs.path.source", Symlink, "../etc"},
    {"fs.path.sourceraw", Rename, "old"},
    {"fs.path.target", Rename, "/b/new"},
    {"fs.path.target", Symlink, "/tmp/link"},
    {"fs.path.targetraw", Rename, "<NA>"},
    {"fd.ino", DeviceOpen, "12"},
    {"fd.dev", DeviceOpen, "34"},
    {"proc.args[1]", ShellExec, "id; ls"},
    {"proc.args[*]", ShellExec, "-c,id; ls"},
    {"proc.env[AWS_REGION]", ShellExec, "eu"},
    {"proc.env[*]", ShellExec, "LD_PRELOAD=/tmp/x.so,AWS_REGION=eu"},
    {"proc.sname", ShellExec, "nginx"},
    {"proc.sname", Session, "sh"},
    {"proc.sid.exe", ShellExec, "nginx:"},
    {"proc.sid.exepath", ShellExec, "/usr/sbin/nginx"},
    {"proc.is_sid_leader", ShellExec, "false"},
    {"proc.is_sid_leader", Session, "true"},
    {"proc.pgid.name", ShellExec, "sh"},
    {"proc.pgid.exe", ShellExec, "/bin/sh"},
    {"proc.pgid.exepath", ShellExec, "/usr/bin/dash"},
    {"proc.is_pgid_leader", ShellExec, "true"},
    {"proc.vpgid.name", ShellExec, "sh"},
    {"proc.vpgid.exe", ShellExec, "/bin/sh"},
    {"proc.vpgid.exepath", ShellExec, "/usr/bin/dash"},
    {"proc.exeline", ShellExec, "/bin/sh -c id; ls"},
    {"proc.pexeline", ShellExec, "nginx: worker"},
    {"audit.type", ShellExec, "SYSCALL,PROCTITLE,EXECVE,PATH,CWD"},
    {"audit.type", ShadowOpen, "SYSCALL,PROCTITLE,PATH,CWD"},
    {"audit.type", Connect, "SYSCALL,PROCTITLE,SOCKADDR"},
    {"audit.name", ShellExec, "./sh"},
    {"audit.name", ShadowOpen, "/etc/shadow"},
    {"audit.nametype", ShadowOpen, "NORMAL"},
    {"audit.arg[0]", ShellExec, "/bin/sh"},
    {"audit.arg[2]", ShellExec, "id; ls"},
    {"audit.arg[3]", ShellExec, "<NA>"},
    {"audit.success", ShellExec, "yes"},
    {"audit.auid", ShellExec, "4294967295"},
    {"audit.cwd", ShellExec, "/srv"},
    // What they hold of JSON is in sigma_test.cc.
    {"json.value[a]", ShellExec, "<NA>"},
    {"json.present[a]", ShellExec, "<NA>"},
    {"json.any", ShellExec, "<NA>"},
    {"json.event", ShellExec, "<NA>"},
    {"proc.cmdnargs", ShellExec, "2"},
    {"proc.cmdlenargs", ShellExec, "8"},
    {"proc.pid.ts", ShellExec, "1000000000"},
    {"proc.ppid.ts", Session, "900000000"},
    {"proc.ppid.duration", Session, "2100000000"},
    {"proc.pvpid", Session, "40"},
    {"proc.exe_ino.ctime_duration_proc_start", ShellExec, "999999988"},
    {"user.loginname", Session, "root"},
    {"user.loginname", ShellExec, "<NA>"},
    {"group.name", Session, "root"},
    {"group.name", ShellExec, "<NA>"},
    {"fd.connected", Connect, "true"},
    {"fd.connected", PacketSocket, "<NA>"},
    {"fd.name_changed", Connect, "true"},
    {"fd.name_changed", Accept, "false"},
    {"fd.is_server", Accept, "true"},
    {"fd.is_server", Connect, "false"},
    {"fd.containername", ShadowOpen, "0123456789ab:/etc/shadow"},
    {"fd.containerdirectory", ShadowOpen, "0123456789ab:/etc"},
    {"evt.arg.fd", DupFile, "pipe:[12]"},
    {"evt.arg.fd", Rename, "<NA>"},
    {"container.full_id", ShellExec, "0123456789abcdef0123"},
    {"container.duration", ShellExec, "2999999500"},
    {"container.privileged", Session, "false"},
    {"container.privileged", ShellExec, "<NA>"},
    {"container.mount[/etc]", ShellExec, "<NA>"},
    {"container.mount.source[/etc]", ShellExec, "<NA>"},
    {"container.mount.dest[/etc]", ShellExec, "<NA>"},
    {"container.mount.mode[/etc]", ShellExec, "<NA>"},
    {"container.mount.rdwr[/etc]", ShellExec, "<NA>"},
    {"container.mount.propagation[/etc]", ShellExec, "<NA>"},
    {"k8s.sa.name", Session, "robot"},
};

}  // namespace

TEST_CASE("every field reads what its event holds", "[fields]") {
  for (const Row& row : kRows) {
    INFO(row.field);
    CHECK(Read(row.field, row.has()) == row.value);
  }
}

TEST_CASE("every field is absent where its event lacks it", "[fields]") {
  const v1::EventRecord empty = Record("event {}");
  for (const Row& row : kRows) {
    INFO(row.field);
    CHECK(Read(row.field, empty) == row.otherwise);
  }
}

TEST_CASE("no field is without a row here", "[fields]") {
  std::set<absl::string_view> tested;
  for (const Row& row : kRows) {
    const absl::string_view field = row.field;
    tested.insert(field.substr(0, field.find('[')));
  }
  const auto elsewhere = [](const FieldRow& row) {  // in sigma_test
    return absl::StartsWith(row.name, "audit.") ||
           absl::StartsWith(row.name, "json.");
  };
  for (const FieldRow* row : AllFields()) {
    INFO(row->name);
    CHECK((tested.contains(row->name) || row->extract == nullptr ||
           elsewhere(*row)));
  }
}

TEST_CASE("no field stands in the tables twice", "[fields]") {
  std::set<absl::string_view> names;
  for (const FieldRow* row : AllFields()) {
    INFO(row->name);
    CHECK(names.insert(row->name).second);
    CHECK_FALSE(row->description.empty());
  }
}

TEST_CASE("fields that cannot be known are legal and absent", "[fields]") {
  CHECK_FALSE(UnknowableFields().empty());
  for (const FieldRow& row : UnknowableFields()) {
    std::string name(row.name);
    if (row.argument == ArgumentKind::kText) name += "[x]";
    INFO(name);
    CHECK(Read(name, ShadowOpen()) == "<NA>");
    CHECK(Read(name, Connect()) == "<NA>");
    CHECK_FALSE(Holds(name + " exists", ShellExec()));
  }
}

}  // namespace gatewatch::detection
