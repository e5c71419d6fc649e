#include "probes/calls/privileged_calls.h"

#include <sched.h>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

constexpr pid_t kOther = 77;

const SyscallRow& Row(absl::string_view name) {
  for (const SyscallRow& row : SyscallTable()) {
    if (row.name == name) return row;
  }
  FAIL("not in the table: " << name);
  return SyscallTable()[0];
}

// Process 42 with a thread 43, as a /proc shows them.
class Fixture {
 public:
  Fixture() {
    Status(42, 42, 42);
    Status(43, 42, 43);
    Status(kOther, kOther, kOther);
  }

  // In a pid namespace of its own, the process is 1 and the thread 2.
  void MakeInner() {
    Status(42, 42, 1);
    Status(43, 42, 2);
  }

  void Pidfd(int fd, pid_t pid) {
    tree_.File(absl::StrCat("42/fdinfo/", fd),
               absl::StrCat("pos:\t0\nflags:\t02\nPid:\t", pid, "\nNSpid:\t",
                            pid, "\n"));
  }
  void Descriptor(int fd, absl::string_view target) {
    tree_.File(absl::StrCat("42/fdinfo/", fd), "pos:\t0\n");
    tree_.Link(absl::StrCat("42/fd/", fd), target);
  }

  // What thread 43 of the process does.
  std::optional<Detail> Does(absl::string_view name, DecodedCall call) const {
    return DescribePrivileged(ProcReader(tree_.path()), Row(name),
                              {std::move(call)}, {42, 43, -1});
  }
  bool Sends(absl::string_view name, pid_t pid, int signal) const {
    DecodedCall call;
    call.pid = pid;
    call.signal = signal;
    const auto detail = Does(name, call);
    if (!detail) return false;
    CHECK(std::get<SignalSent>(*detail).target == pid);
    return true;
  }

 private:
  void Status(pid_t tid, pid_t group, pid_t inner) {
    tree_.File(
        absl::StrCat(tid, "/status"),
        absl::StrCat("Tgid:\t", group, "\nUid:\t0\t0\t0\t0\n",
                     "Gid:\t0\t0\t0\t0\nNSpid:\t", tid,
                     inner == tid ? "" : absl::StrCat("\t", inner), "\n"));
  }

  testing::TempTree tree_;
};

}  // namespace

TEST_CASE("a signal to oneself is no event, to another it is", "[calls]") {
  const Fixture fixture;
  CHECK_FALSE(fixture.Sends("kill", 42, 15));
  CHECK_FALSE(fixture.Sends("tkill", 43, 15));
  CHECK_FALSE(fixture.Sends("tgkill", 42, 15));
  CHECK_FALSE(fixture.Sends("kill", kOther, 0));  // is it there?
  CHECK(fixture.Sends("kill", kOther, 15));
  CHECK(fixture.Sends("tkill", kOther, 15));
  CHECK(fixture.Sends("kill", 4711, 15));  // gone by now
}

TEST_CASE("a signal to a group or to everyone is an event", "[calls]") {
  const Fixture fixture;
  for (const pid_t target : {0, -1, -42}) {
    CHECK(fixture.Sends("kill", target, 9));
  }
}

TEST_CASE("a process knows itself by its namespace's number", "[calls]") {
  Fixture fixture;
  fixture.MakeInner();
  CHECK_FALSE(fixture.Sends("kill", 1, 15));
  CHECK_FALSE(fixture.Sends("tkill", 2, 15));
  // 42 is another process there.
  CHECK(fixture.Sends("kill", 42, 15));
}

TEST_CASE("a pidfd is given as the process that it stands for", "[calls]") {
  Fixture fixture;
  fixture.Pidfd(5, kOther);
  fixture.Pidfd(6, 42);
  DecodedCall call;
  call.fd = 5;
  call.signal = 9;
  const auto sent = fixture.Does("pidfd_send_signal", call);
  REQUIRE(sent);
  CHECK(std::get<SignalSent>(*sent).target == kOther);
  const auto taken = fixture.Does("pidfd_getfd", call);
  REQUIRE(taken);
  CHECK(std::get<ProcessAccessed>(*taken).target == kOther);
  call.fd = 6;
  CHECK_FALSE(fixture.Does("pidfd_send_signal", call));
}

TEST_CASE("memory of one's own is no event", "[calls]") {
  const Fixture fixture;
  DecodedCall call;
  call.pid = 42;
  CHECK_FALSE(fixture.Does("process_vm_readv", call));
  // To be traced by the parent is a request on oneself, and telling.
  CHECK(fixture.Does("ptrace", call));
}

TEST_CASE("setns gives the namespace, or whose they are", "[calls]") {
  Fixture fixture;
  fixture.Descriptor(3, "mnt:[4026531841]");
  fixture.Pidfd(4, kOther);
  DecodedCall call;
  call.fd = 3;
  auto detail = fixture.Does("setns", call);
  REQUIRE(detail);
  CHECK(std::get<NamespaceChanged>(*detail).path == "mnt:[4026531841]");
  CHECK(std::get<NamespaceChanged>(*detail).target == 0);
  call.fd = 4;
  detail = fixture.Does("setns", call);
  REQUIRE(detail);
  CHECK(std::get<NamespaceChanged>(*detail).target == kOther);
  call.fd = -1;  // fails with EBADF: an attempt
  CHECK(fixture.Does("setns", call));
}

TEST_CASE("a clone without new namespaces is no event of theirs", "[calls]") {
  const Fixture fixture;
  DecodedCall call;
  call.flags = CLONE_VM | CLONE_THREAD;
  CHECK_FALSE(fixture.Does("clone3", call));
  call.flags = CLONE_NEWUSER | CLONE_VM;
  const auto detail = fixture.Does("clone3", call);
  REQUIRE(detail);
  CHECK(std::get<NamespaceChanged>(*detail).namespaces == CLONE_NEWUSER);
}

TEST_CASE("a module is named by its file, else by what it is given",
          "[calls]") {
  Fixture fixture;
  fixture.Descriptor(3, "/tmp/root.ko");
  DecodedCall call;
  call.fd = 3;
  call.text = "debug=1";
  const auto from_file = fixture.Does("finit_module", call);
  CHECK(std::get<KernelInterfaceUsed>(*from_file).name == "/tmp/root.ko");
  call.fd = -1;
  const auto from_memory = fixture.Does("init_module", call);
  CHECK(std::get<KernelInterfaceUsed>(*from_memory).name == "debug=1");
}

}  // namespace gatewatch::probes
