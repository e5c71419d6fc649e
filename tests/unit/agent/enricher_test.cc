#include "agent/enricher.h"

#include <fcntl.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/translate.h"
#include "base/syscall_kind.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

using probes::Observation;
using probes::ProcessId;
using probes::ProcessSnapshot;

constexpr ProcessId kInit = {1, 1};
constexpr ProcessId kShell = {20, 200};
constexpr uint64_t kStart = 1'000'000;
constexpr uint64_t kMounts = 77;

class Fixture {
 public:
  Fixture() {
    Start(kInit, {}, "init");
    Start(kShell, kInit, "sh");
  }

  static ProcessSnapshot Snapshot(ProcessId id, ProcessId parent,
                                  const std::string& name) {
    ProcessSnapshot process;
    process.id = id;
    process.parent = parent;
    process.name = name;
    process.executable.path = "/bin/" + name;
    process.mount_namespace = kMounts;
    return process;
  }

  static Observation By(ProcessId process, absl::string_view syscall,
                        probes::Detail detail) {
    Observation observation;
    observation.time_ns = 5;
    observation.process = process;
    observation.tid = process.pid;
    observation.syscall = syscall;
    observation.detail = std::move(detail);
    return observation;
  }

  std::optional<EnrichedEvent> Start(ProcessId id, ProcessId parent,
                                     const std::string& name) {
    return Enrich(
        By(id, "clone", probes::ProcessStarted{Snapshot(id, parent, name)}));
  }

  // The exec of a program by the shell.
  EnrichedEvent Exec(ProcessSnapshot after) {
    auto event =
        Enrich(By(kShell, "execve",
                  probes::ProcessExeced{std::move(after), "/bin/prog", true}));
    REQUIRE(event);
    return *std::move(event);
  }

  // The event of what the shell does.
  v1::Event Does(absl::string_view syscall, probes::Detail detail) {
    auto event = Enrich(By(kShell, syscall, std::move(detail)));
    REQUIRE(event);
    CHECK(event->event.process().key() == KeyOf(kShell));
    return event->event;
  }

  std::optional<EnrichedEvent> Enrich(const Observation& observation) {
    return enricher_.Enrich(observation);
  }

  std::string KeyOf(ProcessId id) const { return ProcessKey("boot", 4, id); }

  static constexpr pid_t kKeeper = 4711;

 private:
  ContainerIdentity identity_{{.host_name = "machine"}};
  Enricher enricher_{{.tree = {.boot_id = "boot", .pid_namespace = 4},
                      .redaction_salt = "salt",
                      .started_ns = kStart,
                      .proc_root = "/nonexistent",
                      .is_own = [](pid_t pid) { return pid == kKeeper; }},
                     identity_};
};

probes::File FileAt(const std::string& path) {
  probes::File file;
  file.path = path;
  return file;
}

const v1::Process& Actor(const EnrichedEvent& event) {
  for (const LineagePtr& lineage : event.processes) {
    if (lineage->process->key() == event.event.process().key() &&
        lineage->process->revision() == event.event.process().revision()) {
      return *lineage->process;
    }
  }
  FAIL("the actor is not among the event's processes");
  std::abort();
}

}  // namespace

TEST_CASE("a new process is an event that names its parent", "[agent]") {
  Fixture fixture;
  const auto event = fixture.Start({30, 300}, kShell, "sh");
  REQUIRE(event);
  CHECK(event->event.has_process_start());
  CHECK_FALSE(event->event.process_start().inventory());
  const v1::Process& process = Actor(*event);
  CHECK(process.pid() == 30);
  CHECK(process.revision() == 1);
  CHECK(process.parent().key() == fixture.KeyOf(kShell));
  CHECK(process.parent_pid() == kShell.pid);
  CHECK(process.container_id() == "machine");
  CHECK(event->processes[0]->ancestors.size() == 2);
}

TEST_CASE("a process that is known already does not start again", "[agent]") {
  Fixture fixture;
  CHECK_FALSE(fixture.Start(kShell, kInit, "sh"));
  // Unless it has become something else, unseen.
  const auto changed = fixture.Start(kShell, kInit, "perl");
  REQUIRE(changed);
  CHECK(changed->event.process().revision() == 2);
}

TEST_CASE("an exec's event is of the state after and refers to the one before",
          "[agent]") {
  Fixture fixture;
  ProcessSnapshot after = Fixture::Snapshot(kShell, kInit, "curl");
  after.arguments = {"curl", "--password", "hunter2"};
  after.environment = {"LD_PRELOAD=/x", "SECRET_X=1"};
  after.working_directory = "/srv";
  after.credentials.effective_uid = 33;
  after.stdio[1] = {probes::DescriptorKind::kSocket, "", probes::Socket{2}};
  const EnrichedEvent event = fixture.Exec(after);
  const v1::ProcessExec& exec = event.event.process_exec();
  CHECK(exec.filename() == "/bin/prog");
  CHECK(exec.confirmed());
  CHECK(exec.before().revision() == 1);
  CHECK(event.event.process().revision() == 2);
  CHECK(event.processes.size() == 2);
  const v1::Process& process = Actor(event);
  CHECK(process.executable().path() == "/bin/curl");
  REQUIRE(process.arguments_size() == 3);
  CHECK(absl::StartsWith(process.arguments(2), "[REDACTED:"));
  REQUIRE(process.environment_size() == 1);
  CHECK(process.environment(0) == "LD_PRELOAD=/x");
  CHECK(process.working_directory() == "/srv");
  CHECK(process.credentials().effective_uid() == 33);
  REQUIRE(process.stdio_size() == 3);
  CHECK(process.stdio(1).kind() == v1::Descriptor::KIND_SOCKET);
  CHECK(process.stdio(1).socket().family() == 2);
}

TEST_CASE("a failed exec leaves the process as it was", "[agent]") {
  Fixture fixture;
  Observation failed = Fixture::By(
      kShell, "execve",
      probes::ProcessExeced{Fixture::Snapshot(kShell, kInit, "x"), "/x"});
  failed.outcome = {probes::OutcomeStatus::kFailed, ENOENT, 0};
  const auto event = fixture.Enrich(failed);
  REQUIRE(event);
  CHECK(event->event.process().revision() == 1);
  CHECK(event->event.outcome().error() == ENOENT);
  CHECK(Actor(*event).name() == "sh");
}

TEST_CASE("two megabytes of arguments are cut and marked", "[agent]") {
  Fixture fixture;
  ProcessSnapshot after = Fixture::Snapshot(kShell, kInit, "echo");
  after.arguments = {"echo", std::string(2 << 20, 'a'), "last"};
  const v1::Process process = Actor(fixture.Exec(after));
  CHECK(process.arguments_truncated());
  CHECK(process.arguments_size() == 2);
  CHECK(process.ByteSizeLong() < 20'000);
}

TEST_CASE("changed credentials make a state but no event", "[agent]") {
  Fixture fixture;
  probes::CredentialsRequested request;
  request.uid = 0;
  const v1::Event asked = fixture.Does("setuid", request);
  CHECK(asked.credential_change().has_uid());
  CHECK_FALSE(asked.credential_change().has_gid());
  CHECK(asked.process().revision() == 1);
  probes::CredentialsChanged changed;
  changed.credentials.uid = 5;
  CHECK_FALSE(fixture.Enrich(Fixture::By(kShell, "setuid", changed)));
  const auto next = fixture.Enrich(
      Fixture::By(kShell, "connect", probes::SocketCalled{3, {}}));
  REQUIRE(next);
  CHECK(next->event.process().revision() == 2);
  CHECK(Actor(*next).credentials().uid() == 5);
  CHECK(Actor(*next).name() == "sh");
}

TEST_CASE("an exit tells its code only when it is known", "[agent]") {
  Fixture fixture;
  const v1::Event exit = fixture.Does("exit_group", probes::ProcessExited{3});
  CHECK(exit.process_exit().code() == 3);
  CHECK(exit.process_exit().code_known());
  const auto killed = fixture.Enrich(
      Fixture::By(kInit, "procexit", probes::ProcessExited{std::nullopt, 9}));
  REQUIRE(killed);
  CHECK_FALSE(killed->event.process_exit().code_known());
  CHECK(killed->event.process_exit().signal() == 9);
}

TEST_CASE("the target of ptrace is named when it is known", "[agent]") {
  Fixture fixture;
  const auto known = fixture.Enrich(
      Fixture::By(kShell, "ptrace", probes::ProcessAccessed{16, kInit.pid}));
  REQUIRE(known);
  CHECK(known->event.process_access().target().key() == fixture.KeyOf(kInit));
  CHECK(known->processes.size() == 2);
  const v1::Event unknown =
      fixture.Does("ptrace", probes::ProcessAccessed{16, 4711});
  CHECK(unknown.process_access().target_pid() == 4711);
  CHECK_FALSE(unknown.process_access().has_target());
  // Of itself: one state, once.
  const auto self = fixture.Enrich(
      Fixture::By(kShell, "ptrace", probes::ProcessAccessed{16, kShell.pid}));
  CHECK(self->processes.size() == 1);
}

TEST_CASE("whom a signal or a namespace belongs to is named when known",
          "[agent]") {
  Fixture fixture;
  const auto sent = fixture.Enrich(
      Fixture::By(kShell, "kill", probes::SignalSent{kInit.pid, 9}));
  REQUIRE(sent);
  CHECK(sent->event.signal_send().target().key() == fixture.KeyOf(kInit));
  CHECK(sent->processes.size() == 2);
  const v1::Event group =
      fixture.Does("kill", probes::SignalSent{-kInit.pid, 9});
  CHECK_FALSE(group.signal_send().has_target());
  const auto joined = fixture.Enrich(
      Fixture::By(kShell, "setns",
                  probes::NamespaceChanged{probes::NamespaceOperation::kJoin, 0,
                                           "", kInit.pid}));
  REQUIRE(joined);
  CHECK(joined->event.namespace_change().target().key() ==
        fixture.KeyOf(kInit));
}

TEST_CASE("mounts, levers on the kernel and writable code are passed on",
          "[agent]") {
  Fixture fixture;
  probes::MountChanged mount;
  mount.source = "proc";
  CHECK(fixture.Does("mount", mount).mount_change().source() == "proc");
  CHECK(fixture.Does("bpf", probes::KernelInterfaceUsed{})
            .kernel_interface()
            .interface() == v1::KernelInterface::INTERFACE_BPF);
  CHECK(fixture.Does("mmap", probes::MemoryMadeExecutable{1, 2, 7, 0, ""})
            .executable_memory()
            .protection() == 7);
}

TEST_CASE("memory files, duplicated descriptors and sockets are passed on",
          "[agent]") {
  Fixture fixture;
  const v1::Event memory =
      fixture.Does("memfd_create", probes::MemoryFileCreated{"x", 1});
  CHECK(memory.memory_file().name() == "x");
  CHECK(memory.memory_file().flags() == 1);
  const v1::Event dup = fixture.Does(
      "dup2", probes::DescriptorDuplicated{
                  5, 0, {probes::DescriptorKind::kPipe, "pipe", {}}});
  CHECK(dup.descriptor_dup().old_fd() == 5);
  CHECK(dup.descriptor_dup().refers_to().kind() == v1::Descriptor::KIND_PIPE);
  probes::Socket socket{2, 1, 6, {}, {std::string("\x7f\0\0\1", 4), 80, ""}};
  const v1::Event connect =
      fixture.Does("connect", probes::SocketCalled{4, socket});
  CHECK(connect.socket_call().fd() == 4);
  CHECK(connect.socket_call().socket().remote().port() == 80);
  CHECK(connect.socket_call().socket().remote().ip().size() == 4);
  CHECK(connect.syscall() == "connect");
  CHECK(connect.time_ns() == 5);
  CHECK(connect.tid() == kShell.pid);
}

TEST_CASE("file calls are passed on with both names", "[agent]") {
  Fixture fixture;
  const v1::Event open = fixture.Does(
      "openat", probes::FileOpened{FileAt("/etc/shadow"), O_RDONLY, 0, false});
  CHECK(open.file_open().file().path() == "/etc/shadow");
  probes::FileChanged renamed;
  renamed.operation = probes::FileOperation::kRename;
  renamed.file = FileAt("/a");
  renamed.target = FileAt("/b");
  const v1::Event change = fixture.Does("rename", renamed);
  CHECK(change.file_change().operation() == v1::FileChange::OPERATION_RENAME);
  CHECK(change.file_change().file().path() == "/a");
  CHECK(change.file_change().target().path() == "/b");
  CHECK(change.file_change().uid() == UINT32_MAX);
}

TEST_CASE("folded calls are one event with their number", "[agent]") {
  Fixture fixture;
  Observation repeats = Fixture::By(kShell, "openat", probes::FileOpened{});
  repeats.count = 12;
  repeats.last_time_ns = 99;
  const auto event = fixture.Enrich(repeats);
  CHECK(event->event.count() == 12);
  CHECK(event->event.last_time_ns() == 99);
}

TEST_CASE("lost observations are counted by event kind", "[agent]") {
  Fixture fixture;
  probes::ObservationsLost lost;
  lost.reason = probes::LossReason::kObserverAbsent;
  lost.counts = {{"openat", 3}, {"creat", 1}, {"setresuid", 2}, {"", 5}};
  lost.since_ns = 10;
  lost.until_ns = 20;
  const auto event = fixture.Enrich(Fixture::By({}, "", lost));
  REQUIRE(event);
  CHECK_FALSE(event->event.has_process());
  CHECK(event->processes.empty());
  const v1::Loss& loss = event->event.loss();
  CHECK(loss.reason() == v1::Loss::REASON_AGENT_ABSENT);
  REQUIRE(loss.counts_size() == 3);
  CHECK(loss.counts(0).kind() == "credentials");
  CHECK(loss.counts(1).kind() == "open");
  CHECK(loss.counts(1).count() == 4);
  CHECK(loss.counts(2).kind() == "unknown");
}

TEST_CASE("an act of a process whose start was not seen is not lost",
          "[agent]") {
  Fixture fixture;
  const auto event =
      fixture.Enrich(Fixture::By({99, 990}, "connect", probes::SocketCalled{}));
  REQUIRE(event);
  CHECK(event->event.process().key() == fixture.KeyOf({99, 990}));
  CHECK(Actor(*event).pid() == 99);
  CHECK(fixture.Start({99, 990}, kInit, "late"));
}

TEST_CASE("a program that is younger than its container is drift", "[agent]") {
  Fixture fixture;
  ProcessSnapshot after = Fixture::Snapshot(kShell, kInit, "prog");
  SECTION("from the image") {
    after.executable.modify_time_ns = kStart - 1;
    after.executable.change_time_ns = kStart - 1;
    CHECK_FALSE(Actor(fixture.Exec(after)).executable().newer_than_container());
  }
  SECTION("written") {
    after.executable.modify_time_ns = kStart + 1;
    CHECK(Actor(fixture.Exec(after)).executable().newer_than_container());
  }
  SECTION("with a forged modification time") {
    after.executable.modify_time_ns = 1;
    after.executable.change_time_ns = kStart + 1;
    CHECK(Actor(fixture.Exec(after)).executable().newer_than_container());
  }
}

TEST_CASE("a younger program of an overlay lies in its upper layer",
          "[agent]") {
  Fixture fixture;
  ProcessSnapshot after = Fixture::Snapshot(kShell, kInit, "prog");
  after.executable.on_overlay = GENERATE(true, false);
  after.executable.change_time_ns = GENERATE(kStart - 1, kStart + 1);
  const v1::Executable program = Actor(fixture.Exec(after)).executable();
  CHECK(program.upper_layer() == (after.executable.on_overlay &&
                                  after.executable.change_time_ns > kStart));
}

TEST_CASE("what reaches for the agent's own processes is marked", "[agent]") {
  Fixture fixture;
  probes::ProcessAccessed access;
  access.target = Fixture::kKeeper;
  CHECK(fixture.Does("ptrace", access).on_agent());
  access.target = kShell.pid;
  CHECK_FALSE(fixture.Does("ptrace", access).on_agent());
  const std::string own = absl::StrCat("/proc/", Fixture::kKeeper, "/mem");
  CHECK(
      fixture.Does("openat", probes::FileOpened{FileAt(own), O_RDWR, 0, false})
          .on_agent());
}

TEST_CASE("a program names the process that brought it", "[agent]") {
  Fixture fixture;
  ProcessSnapshot after = Fixture::Snapshot(kShell, kInit, "prog");
  const std::string path = after.executable.path;
  probes::FileChanged change;
  bool brought = true;
  SECTION("wrote") {
    fixture.Does("openat",
                 probes::FileOpened{FileAt(path), O_WRONLY, 0, false});
  }
  SECTION("wrote through a link") {
    probes::File link = FileAt("/tmp/link");
    link.resolved_path = path;
    fixture.Does("openat", probes::FileOpened{link, O_RDWR, 0, false});
  }
  SECTION("renamed") {
    change.operation = probes::FileOperation::kRename;
    change.target = FileAt(path);
    fixture.Does("rename", change);
  }
  SECTION("wrote under another name") {
    fixture.Does("openat",
                 probes::FileOpened{FileAt("/part"), O_WRONLY, 0, true});
    change.operation = probes::FileOperation::kRename;
    change.file = FileAt("/part");
    change.target = FileAt(path);
    fixture.Does("rename", change);
  }
  SECTION("only made executable") {
    change.operation = probes::FileOperation::kChmod;
    change.file = FileAt(path);
    fixture.Does("chmod", change);
    brought = false;
  }
  SECTION("in memory") {
    fixture.Does("memfd_create", probes::MemoryFileCreated{"p", 0});
    after.executable.path = "/memfd:p";
  }
  SECTION("only read") {
    fixture.Does("openat",
                 probes::FileOpened{FileAt(path), O_RDONLY, 0, false});
    brought = false;
  }
  SECTION("removed") {
    change.operation = probes::FileOperation::kUnlink;
    change.file = FileAt(path);
    fixture.Does("unlink", change);
    brought = false;
  }
  SECTION("failed to write") {
    Observation failed = Fixture::By(
        kShell, "openat", probes::FileOpened{FileAt(path), O_WRONLY, 0, false});
    failed.outcome.status = probes::OutcomeStatus::kFailed;
    fixture.Enrich(failed);
    brought = false;
  }
  const v1::Executable executable = Actor(fixture.Exec(after)).executable();
  CHECK(executable.written_by() == (brought ? "sh" : ""));
  CHECK(executable.has_writer() == brought);
}

TEST_CASE("every observed system call leads to an event kind", "[agent]") {
  CHECK(KindOfSyscall("execveat") == "exec");
  CHECK(KindOfSyscall("exit_group") == "exit");
  CHECK(KindOfSyscall("openat2") == "open");
  CHECK(KindOfSyscall("symlinkat") == "symlink");
  CHECK(KindOfSyscall("linkat") == "link");
  CHECK(KindOfSyscall("fchmodat") == "chmod");
  CHECK(KindOfSyscall("lchown") == "chown");
  CHECK(KindOfSyscall("accept4") == "accept");
  CHECK(KindOfSyscall("sendmsg") == "sendto");
  CHECK(KindOfSyscall("clone3") == "start");
  CHECK(KindOfSyscall("nonsense") == "unknown");
}

TEST_CASE("a connection tells the name that its peer was resolved from",
          "[agent]") {
  Fixture fixture;
  probes::DnsMessage answer;
  answer.response = true;
  answer.solicited = true;
  answer.id = 7;
  answer.questions.push_back({"peer.example", 1, 1});
  probes::DnsRecord record;
  record.type = 1;
  record.ip = "\1\2\3\4";
  record.ttl = 60;
  answer.answers.push_back(record);
  answer.socket.remote.port = 53;
  const v1::Event event = fixture.Does("dns", answer);
  REQUIRE(event.has_dns());
  CHECK(event.dns().id() == 7);
  CHECK(event.dns().questions(0).name() == "peer.example");
  CHECK(event.dns().answers(0).ip() == record.ip);
  CHECK(event.dns().socket().remote().port() == 53);
  CHECK_FALSE(event.has_outcome());

  probes::SocketCalled called;
  called.socket.remote = {record.ip, 443, ""};
  CHECK(
      fixture.Does("connect", called).socket_call().socket().remote().name() ==
      "peer.example");
  probes::DescriptorDuplicated dup;
  dup.descriptor.socket = called.socket;
  CHECK(fixture.Does("dup2", dup)
            .descriptor_dup()
            .refers_to()
            .socket()
            .remote()
            .name() == "peer.example");
  called.socket.remote.ip = "\4\3\2\1";
  CHECK(fixture.Does("connect", called)
            .socket_call()
            .socket()
            .remote()
            .name()
            .empty());
}

TEST_CASE("what came without an actor names the container of its place",
          "[agent]") {
  Fixture fixture;
  probes::FileOpened opened;
  opened.file = FileAt("/etc/passwd");
  Observation written = Fixture::By({}, "openat", opened);
  written.place = kShell;
  CHECK(fixture.Enrich(written)->event.container_id() == "machine");
  written.place = {999, 1};  // unknown
  CHECK(fixture.Enrich(written)->event.container_id().empty());
  written = Fixture::By(kShell, "openat", opened);
  CHECK(fixture.Enrich(written)->event.container_id().empty());
}

TEST_CASE("what came without an actor is an event without one", "[agent]") {
  Fixture fixture;
  probes::FileOpened opened;
  opened.file = FileAt("/etc/passwd");
  opened.flags = O_WRONLY;
  probes::FileChanged renamed;
  renamed.operation = probes::FileOperation::kRename;
  const probes::Detail details[] = {probes::DnsMessage{}, opened, renamed,
                                    probes::SocketCalled{}};
  for (const probes::Detail& detail : details) {
    const auto event = fixture.Enrich(Fixture::By({}, "x", detail));
    REQUIRE(event);
    CHECK_FALSE(event->event.has_process());
    CHECK(event->processes.empty());
  }
}

TEST_CASE("a file that is opened for reading names who wrote it", "[agent]") {
  Fixture fixture;
  const ProcessId other = {30, 300};
  fixture.Start(other, kShell, "curl");
  probes::FileOpened written{FileAt("/tmp/lib.so"), O_WRONLY | O_CREAT, 0644,
                             true};
  fixture.Enrich(Fixture::By(other, "openat", written));
  const v1::Event read =
      fixture.Does("openat", probes::FileOpened{FileAt("/tmp/lib.so")});
  CHECK(read.file_open().written_by() == "curl");
  const v1::Event unknown =
      fixture.Does("openat", probes::FileOpened{FileAt("/lib/libc.so.6")});
  CHECK(unknown.file_open().written_by().empty());
  const v1::Event again = fixture.Does(
      "openat", probes::FileOpened{FileAt("/tmp/lib.so"), O_WRONLY});
  CHECK(again.file_open().written_by().empty());
}

TEST_CASE("names that strangers ask for are left out on demand, and learned",
          "[agent]") {
  ContainerIdentity identity({.host_name = "machine"});
  Enricher enricher({.tree = {.boot_id = "boot", .pid_namespace = 4},
                     .only_known_dns = true,
                     .proc_root = "/nonexistent"},
                    identity);
  probes::DnsMessage question;
  question.questions = {{"db.example", 1, 1}};
  CHECK_FALSE(enricher.Enrich(Fixture::By(kShell, "dns", question)));
  REQUIRE(enricher.Enrich(Fixture::By(
      kShell, "clone",
      probes::ProcessStarted{Fixture::Snapshot(kShell, kInit, "sh")})));
  CHECK(enricher.Enrich(Fixture::By(kShell, "dns", question)));
}

}  // namespace gatewatch::agent
