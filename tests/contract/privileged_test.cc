// The calls that attacks are made of: what they do to other processes,
// namespaces, mounts, memory, the kernel. Most of them fail here; an attempt
// is seen all the same.

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

constexpr char kNowhere[] = "/nonexistent/gatewatch";

// The program's run, watched in a folder of its own.
class PrivilegedCalls {
 public:
  explicit PrivilegedCalls(const Rung& rung) {
    std::string name = "/tmp/gatewatch-test-XXXXXX";
    folder_ = mkdtemp(name.data());
    // The program may run as another user.
    std::filesystem::permissions(folder_, std::filesystem::perms::all);
    seen_ = Watch(rung, {Program("privileged_calls"), folder_});
    REQUIRE(seen_.status == 0);
  }
  ~PrivilegedCalls() { std::filesystem::remove_all(folder_); }

  const std::string& folder() const { return folder_; }
  const Observed& seen() const { return seen_; }

  // The details of that type which the calls of that name made.
  template <typename Detail>
  std::vector<Detail> Of(absl::string_view syscall) const {
    std::vector<Detail> found;
    for (const Observation* observation : seen_.Of<Detail>()) {
      if (observation->syscall != syscall) continue;
      found.push_back(std::get<Detail>(observation->detail));
    }
    return found;
  }

  // That of the only such call.
  template <typename Detail>
  Detail One(absl::string_view syscall) const {
    const std::vector<Detail> found = Of<Detail>(syscall);
    CAPTURE(syscall);
    REQUIRE(found.size() == 1);
    return found[0];
  }

  // The child that the program acts on.
  pid_t child() const {
    const ProcessId parent = seen_.Of<ProcessExeced>().at(0)->process;
    for (const Observation* started : seen_.Of<ProcessStarted>()) {
      const auto& process = std::get<ProcessStarted>(started->detail).process;
      if (process.parent == parent) return process.id.pid;
    }
    FAIL("the child was not seen to start");
    return 0;
  }

 private:
  std::string folder_;
  Observed seen_;
};

}  // namespace

TEST_CASE("a signal to another process is seen, one to itself is not",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const std::map<absl::string_view, int> signals = {
      {"kill", SIGKILL},
      {"tkill", SIGWINCH},
      {"tgkill", SIGWINCH},
      {"pidfd_send_signal", SIGCONT}};
  for (const auto& [syscall, signal] : signals) {
    const auto sent = calls.One<SignalSent>(syscall);
    CHECK(sent.target == calls.child());
    CHECK(sent.signal == signal);
  }
  CHECK(calls.seen().Of<SignalSent>().size() == signals.size());
}

TEST_CASE("a reach into another process's memory is seen", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const std::map<absl::string_view, AccessMethod> methods = {
      {"process_vm_readv", AccessMethod::kReadMemory},
      {"process_vm_writev", AccessMethod::kWriteMemory},
      {"pidfd_getfd", AccessMethod::kTakeDescriptor}};
  for (const auto& [syscall, method] : methods) {
    const auto access = calls.One<ProcessAccessed>(syscall);
    CHECK(access.method == method);
    CHECK(access.target == calls.child());
  }
}

TEST_CASE("a change of namespaces is seen", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const auto joined = calls.One<NamespaceChanged>("setns");
  CHECK(joined.operation == NamespaceOperation::kJoin);
  CHECK(joined.namespaces == CLONE_NEWUTS);
  CHECK(absl::StartsWith(joined.path, "uts:["));
  const auto left = calls.One<NamespaceChanged>("unshare");
  CHECK(left.namespaces == (CLONE_NEWUTS | CLONE_NEWIPC));
  const auto cloned = calls.One<NamespaceChanged>("clone");
  CHECK(cloned.operation == NamespaceOperation::kClone);
  CHECK(cloned.namespaces == CLONE_NEWUTS);
}

TEST_CASE("every step of a mount is seen, on what is not there too",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const auto mounts = calls.Of<MountChanged>("mount");
  REQUIRE(mounts.size() == 2);
  CHECK(mounts[0].source == "source");
  CHECK(mounts[0].target.path == kNowhere);
  CHECK(mounts[0].file_system == "tmpfs");
  CHECK(mounts[0].flags == (MS_NOSUID | MS_NODEV));
  CHECK(mounts[1].source.empty());
  CHECK(mounts[1].flags == (MS_REC | MS_PRIVATE));
  const auto moved_root = calls.One<MountChanged>("pivot_root");
  CHECK(moved_root.target.path == kNowhere);
  CHECK(moved_root.source == "/nonexistent/old");
  CHECK(calls.One<MountChanged>("fsopen").file_system == "gatewatchfs");
  CHECK(calls.One<MountChanged>("fsmount").operation ==
        MountOperation::kMakeMount);
  CHECK(calls.One<MountChanged>("umount2").flags == MNT_DETACH);
  const std::map<absl::string_view, MountOperation> at_target = {
      {"umount2", MountOperation::kUnmount},
      {"move_mount", MountOperation::kMove},
      {"open_tree", MountOperation::kCloneTree},
      {"mount_setattr", MountOperation::kSetAttributes},
      {"chroot", MountOperation::kChroot}};
  for (const auto& [syscall, operation] : at_target) {
    const auto changed = calls.One<MountChanged>(syscall);
    CHECK(changed.operation == operation);
    CHECK(changed.target.path == kNowhere);
  }
}

TEST_CASE("an attempt is told as failed by who sees the end, else as unknown",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const auto attempts = calls.seen().Of<MountChanged>();
  CHECK(attempts.size() == 10);
  for (const Observation* attempt : attempts) {
    CAPTURE(attempt->syscall);
    const Outcome& outcome = attempt->outcome;
    if (rung.knows_outcomes) {
      CHECK(outcome.status == OutcomeStatus::kFailed);
      CHECK(outcome.error != 0);
    } else {
      CHECK(outcome.status == OutcomeStatus::kUnknown);
    }
  }
}

TEST_CASE("every use of a lever on the kernel is seen", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  CHECK(calls.One<KernelInterfaceUsed>("bpf").command == BPF_PROG_LOAD);
  CHECK(calls.One<KernelInterfaceUsed>("init_module").name == "gatewatch=1");
  CHECK(calls.One<KernelInterfaceUsed>("finit_module").name == "/dev/null");
  const auto unloaded = calls.One<KernelInterfaceUsed>("delete_module");
  CHECK(unloaded.name == "gatewatch_none");
  CHECK(unloaded.flags == O_NONBLOCK);
  CHECK(calls.One<KernelInterfaceUsed>("userfaultfd").flags == 0x40000000);
  CHECK(calls.One<KernelInterfaceUsed>("io_uring_setup").command == 7);
  CHECK(calls.One<KernelInterfaceUsed>("perf_event_open").interface ==
        KernelInterface::kPerfEvent);
  CHECK(calls.One<KernelInterfaceUsed>("open_by_handle_at").interface ==
        KernelInterface::kOpenByHandle);
}

TEST_CASE("writable code is seen, the loading of libraries is not",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const auto mapped = calls.One<MemoryMadeExecutable>("mmap");
  CHECK(mapped.length == 4096);
  CHECK(mapped.protection == (PROT_READ | PROT_WRITE | PROT_EXEC));
  CHECK(mapped.flags == (MAP_PRIVATE | MAP_ANONYMOUS));
  const auto protect = calls.One<MemoryMadeExecutable>("mprotect");
  CHECK(protect.address != 0);
  CHECK(protect.protection == (PROT_WRITE | PROT_EXEC));
}

TEST_CASE("truncate, mknod and the calls on attributes are seen",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  const std::string file = calls.folder() + "/file";
  const auto cut = calls.One<FileChanged>("truncate");  // not the missing file
  CHECK(cut.operation == FileOperation::kTruncate);
  CHECK(cut.file.path == file);
  CHECK(cut.length == 5);
  auto nodes = calls.Of<FileChanged>("mknodat");  // as newer C libraries do
  if (nodes.empty()) nodes = calls.Of<FileChanged>("mknod");
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].file.path == calls.folder() + "/fifo");
  CHECK(nodes[0].mode == (S_IFIFO | 0640));
  CHECK(nodes[1].mode == (S_IFBLK | 0600));
  CHECK(nodes[1].node_device == 0x0801);
  for (const absl::string_view syscall :
       {"setxattr", "removexattr", "fsetxattr"}) {
    const auto changed = calls.One<FileChanged>(syscall);
    CHECK(changed.attribute == "user.gatewatch");
    CHECK(changed.file.path == file);
  }
}

TEST_CASE("groups, capabilities and file system ids are seen as asked for",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const PrivilegedCalls calls(rung);
  CHECK(calls.One<CredentialsRequested>("setgroups").groups ==
        std::vector<uint32_t>{12, 34});
  const auto capset = calls.One<CredentialsRequested>("capset");
  REQUIRE(capset.capabilities.has_value());
  CHECK((capset.capabilities->inheritable & (1 << CAP_NET_RAW)) != 0);
  CHECK(calls.One<CredentialsRequested>("setfsuid").file_system_uid ==
        rung.user);
  CHECK(calls.One<CredentialsRequested>("setfsgid").file_system_gid ==
        rung.user);
}

}  // namespace gatewatch::testing
