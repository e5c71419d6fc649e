#include "probes/host_support.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/unique_fd.h"
#include "probes/procfs/inventory.h"
#include "probes/procfs/parsers.h"
#include "probes/seccomp/filter.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::probes {
namespace {

// Younger than the headers here may be.
constexpr unsigned long kTsyncEsrch = 1UL << 4;        // Linux 5.7
constexpr unsigned long kWaitKillableRecv = 1UL << 5;  // Linux 5.19

HostFeature Feature(absl::string_view name, bool present, std::string detail) {
  return {std::string(name), present, std::move(detail)};
}

std::string ErrnoText() { return strerror(errno); }

// Runs `attempt` in a child, since what it does to a process cannot be undone;
// the child's exit status is 0 or an errno.
int ErrnoOfChild(const std::function<int()>& attempt) {
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) ::_exit(attempt());
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
    return EFAULT;
  }
  return WEXITSTATUS(status);
}

HostFeature FromErrno(absl::string_view name, int error,
                      absl::string_view what) {
  return Feature(
      name, error == 0,
      absl::StrCat(what, ": ", error == 0 ? "permitted" : strerror(error)));
}

HostFeature Kernel() {
  utsname name{};
  ::uname(&name);
  return Feature(feature::kKernel, true,
                 absl::StrCat(name.release, " ", name.machine));
}

HostFeature User() {
  return Feature(feature::kRoot, ::geteuid() == 0,
                 absl::StrCat("uid ", ::geteuid()));
}

HostFeature NewPrivileges() {
  const bool barred = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  return Feature(feature::kNewPrivileges, !barred,
                 barred ? "no_new_privs is set: programs' file capabilities "
                          "may have no effect"
                        : "no_new_privs is not set");
}

// A filter's program that lets everything pass.
std::vector<sock_filter> EmptyFilter() {
  return BuildFilter({}, NativeArchitecture());
}

long InstallListener() {
  const std::vector<sock_filter> program = EmptyFilter();
  const sock_fprog filter{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                   SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

HostFeature Notification() {
  const int error =
      ErrnoOfChild([] { return InstallListener() < 0 ? errno : 0; });
  return FromErrno(feature::kNotification, error,
                   "install a filter with a listener");
}

// Flags that the kernel knows let it go on to the filter, which is missing.
HostFeature FilterFlags(absl::string_view name, unsigned long flags,
                        absl::string_view what) {
  const long done =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, nullptr);
  return FromErrno(name, done < 0 && errno == EFAULT ? 0 : errno, what);
}

HostFeature SyncWakeUp() {
  const int error = ErrnoOfChild([] {
    NotifyFd listener(UniqueFd(static_cast<int>(InstallListener())));
    return listener.SetSyncWakeUp(true) ? 0 : EINVAL;
  });
  return FromErrno(feature::kSyncWakeUp, error,
                   "SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP");
}

HostFeature TraceChildren() {
  const int error = ErrnoOfChild(
      [] { return ::ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? 0 : errno; });
  return FromErrno(feature::kTraceChildren, error, "PTRACE_TRACEME");
}

HostFeature SysPtraceCapability() {
  const auto status = ReadFile("/proc/self/status");
  const auto parsed = status.ok() ? ParseStatus(*status) : std::nullopt;
  const bool effective =
      parsed &&
      (parsed->credentials.effective_capabilities >> CAP_SYS_PTRACE & 1) != 0;
  if (effective) return Feature(feature::kSysPtrace, true, "effective");
  // What a task definition grants reaches a user other than root only so far.
  const bool granted = ::prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE, 0, 0, 0) == 1;
  return Feature(
      feature::kSysPtrace, false,
      granted ? absl::StrCat("granted, but not effective for uid ", ::geteuid())
              : "not granted");
}

// Of this process itself: whether the calls as such are permitted.
HostFeature TakeDescriptor() {
  const UniqueFd self(
      static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  const UniqueFd taken(
      static_cast<int>(::syscall(SYS_pidfd_getfd, self.get(), self.get(), 0)));
  return FromErrno(feature::kTakeDescriptor, taken.valid() ? 0 : errno,
                   "pidfd_getfd of ourselves");
}

// 0 when the memory of `pid` may be read: address 0 is not there to be.
int ErrnoOfReading(pid_t pid) {
  char byte;
  iovec here{&byte, 1}, there{nullptr, 1};
  if (::process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0) return 0;
  return errno == EFAULT ? 0 : errno;
}

// The same as the user that it runs as, which attaching and the uid helpers
// become where they have to.
int ErrnoOfReadingAsItsUser(pid_t pid) {
  const int direct = ErrnoOfReading(pid);
  struct stat owner = {};
  if (direct != EPERM ||
      ::stat(absl::StrCat("/proc/", pid).c_str(), &owner) != 0) {
    return direct;
  }
  const uid_t uid = owner.st_uid;
  const gid_t gid = owner.st_gid;
  return ErrnoOfChild([&] {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(gid, gid, gid) != 0 ||
        ::setresuid(uid, uid, uid) != 0) {
      return direct;
    }
    return ErrnoOfReading(pid);
  });
}

HostFeature ReadMemory() {
  return FromErrno(feature::kReadMemory, ErrnoOfReading(::getpid()),
                   "process_vm_readv of ourselves");
}

// The visible processes of other mount namespaces; those that this process may
// not even look at are not its own container's.
std::vector<pid_t> ProcessesOfOthers() {
  constexpr size_t kEnough = 64;
  const auto own = ReadLink("/proc/self/ns/mnt");
  std::vector<pid_t> others;
  for (const pid_t pid : ListPids("/proc")) {
    const auto link = ReadLink(absl::StrCat("/proc/", pid, "/ns/mnt"));
    if (absl::IsNotFound(link.status())) continue;  // it has ended
    if (!link.ok() || !own.ok() || *link != *own) others.push_back(pid);
    if (others.size() == kEnough) break;
  }
  return others;
}

HostFeature OthersVisible(const std::vector<pid_t>& others) {
  return Feature(feature::kOthersVisible, !others.empty(),
                 others.empty()
                     ? "every visible process is of this container"
                     : absl::StrCat("process ", others[0], " is another's"));
}

// Looks for one process that permits `attempt`; else tells what one answered.
HostFeature TryOthers(absl::string_view name, const std::vector<pid_t>& others,
                      absl::string_view what, int (*attempt)(pid_t)) {
  std::string refusal = "no other container's process is visible";
  for (const pid_t pid : others) {
    const int error = attempt(pid);
    if (error == ESRCH) continue;  // a kernel thread
    HostFeature tried =
        FromErrno(name, error, absl::StrCat(what, " process ", pid));
    if (tried.present) return tried;
    refusal = std::move(tried.detail);
  }
  return Feature(name, false, std::move(refusal));
}

int ErrnoOfWatching(pid_t pid) {
  const UniqueFd watcher(::inotify_init1(IN_CLOEXEC));
  const std::string root = absl::StrCat("/proc/", pid, "/root/etc");
  const int watch =
      ::inotify_add_watch(watcher.get(), root.c_str(), IN_CLOSE_WRITE);
  return watch >= 0 ? 0 : errno;
}

// The kernel looks at what it is to execute after it has permitted that.
HostFeature MemoryFiles() {
  const int error = ErrnoOfChild([] {
    const UniqueFd file(::memfd_create("gatewatch", MFD_CLOEXEC));
    if (!file.valid() || ::write(file.get(), "x", 1) != 1) return errno;
    char* const nothing[] = {nullptr};
    ::fexecve(file.get(), nothing, nothing);
    return errno == ENOEXEC ? 0 : errno;
  });
  return FromErrno(feature::kMemoryFiles, error, "execute a memory file");
}

HostFeature OwnDescriptors() {
  constexpr unsigned kNone = ~0U;
  constexpr unsigned kUnshare = 2;  // CLOSE_RANGE_UNSHARE
  const int error = ErrnoOfChild([] {
    const bool left = ::syscall(SYS_close_range, kNone, kNone, kUnshare) == 0 ||
                      ::unshare(CLONE_FILES) == 0;
    return left ? 0 : errno;
  });
  return FromErrno(feature::kOwnDescriptors, error,
                   "close_range(CLOSE_RANGE_UNSHARE) or unshare(CLONE_FILES)");
}

HostFeature Yama() {
  const auto scope = ReadFile("/proc/sys/kernel/yama/ptrace_scope", 16);
  if (!scope.ok()) {
    return Feature(feature::kYama, true, "no Yama here");
  }
  const std::string value(absl::StripAsciiWhitespace(*scope));
  return Feature(feature::kYama, value == "0",
                 absl::StrCat("ptrace_scope is ", value));
}

HostFeature PacketSocket() {
  const UniqueFd fd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return FromErrno(feature::kPacketSocket, fd.valid() ? 0 : errno,
                   "socket(AF_PACKET)");
}

HostFeature SocketList() {
  const UniqueFd fd(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  return FromErrno(feature::kSocketList, fd.valid() ? 0 : errno,
                   "socket(NETLINK_SOCK_DIAG)");
}

HostFeature BpfMap() {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  const UniqueFd fd(static_cast<int>(
      ::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes))));
  return FromErrno(feature::kBpfMap, fd.valid() ? 0 : errno, "create a map");
}

// The smallest program ("return 0") on the tracepoint that capture uses. It
// needs the same privilege, and runs for a moment.
HostFeature BpfProgram() {
  constexpr char kLicense[] = "Dual BSD/GPL";
  const bpf_insn instructions[] = {
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
  load.insns = reinterpret_cast<uint64_t>(instructions);
  load.insn_cnt = std::size(instructions);
  load.license = reinterpret_cast<uint64_t>(kLicense);
  const UniqueFd program(
      static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load))));
  if (!program.valid()) {
    return FromErrno(feature::kBpfProgram, errno, "load a program");
  }
  bpf_attr open{};
  open.raw_tracepoint.name = reinterpret_cast<uint64_t>("sys_exit");
  open.raw_tracepoint.prog_fd = static_cast<uint32_t>(program.get());
  const UniqueFd link(static_cast<int>(
      ::syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &open, sizeof(open))));
  return FromErrno(feature::kBpfProgram, link.valid() ? 0 : errno,
                   "attach a program to the return of calls");
}

HostFeature Btf() {
  const bool present = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  return Feature(feature::kKernelTypes, present,
                 present ? "/sys/kernel/btf/vmlinux is readable" : ErrnoText());
}

HostFeature Procfs() {
  const bool present = ::access("/proc/1/stat", R_OK) == 0;
  return Feature(feature::kProcfs, present,
                 present ? "other processes are visible" : ErrnoText());
}

HostFeature Children() {
  const bool present =
      ::access("/proc/self/task", R_OK) == 0 &&
      ReadFile(absl::StrCat("/proc/self/task/", ::getpid(), "/children")).ok();
  return Feature(
      feature::kChildren, present,
      present ? "readable" : "a daemon's true parent cannot be told");
}

HostFeature Cgroup() {
  struct statfs mounted = {};
  if (::statfs("/sys/fs/cgroup", &mounted) != 0) {
    return Feature(feature::kCgroup, false, ErrnoText());
  }
  const bool second = mounted.f_type == CGROUP2_SUPER_MAGIC;
  return Feature(feature::kCgroup, true, second ? "version 2" : "version 1");
}

}  // namespace

std::vector<HostFeature> ProbeHost() {
  const std::vector<pid_t> others = ProcessesOfOthers();
  return {
      Kernel(),
      User(),
      NewPrivileges(),
      SysPtraceCapability(),
      Notification(),
      FilterFlags(feature::kAllThreads, SECCOMP_FILTER_FLAG_TSYNC | kTsyncEsrch,
                  "SECCOMP_FILTER_FLAG_TSYNC_ESRCH"),
      FilterFlags(feature::kWaitKillable, kWaitKillableRecv,
                  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
      SyncWakeUp(),
      TakeDescriptor(),
      ReadMemory(),
      TraceChildren(),
      Yama(),
      OthersVisible(others),
      TryOthers(feature::kOthersAccess, others, "read the memory of",
                ErrnoOfReadingAsItsUser),
      TryOthers(feature::kOthersFiles, others, "watch the files of",
                ErrnoOfWatching),
      MemoryFiles(),
      OwnDescriptors(),
      PacketSocket(),
      SocketList(),
      BpfMap(),
      BpfProgram(),
      Btf(),
      Procfs(),
      Children(),
      Cgroup()};
}

}  // namespace gatewatch::probes
