#include "probes/host_support.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/unique_fd.h"
#include "probes/procfs/parsers.h"
#include "probes/seccomp/filter.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::probes {
namespace {

constexpr absl::string_view kNotification = "seccomp user notification";
constexpr absl::string_view kPtrace = "ptrace of own children";
constexpr absl::string_view kProcfs = "procfs";
constexpr absl::string_view kYama = "unrestricted ptrace (Yama)";
constexpr absl::string_view kSysPtrace = "CAP_SYS_PTRACE";

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
  return Feature("kernel", true, absl::StrCat(name.release, " ", name.machine));
}

// Whether a filter with a listener can be installed here, with a program that
// lets everything pass.
HostFeature Notification() {
  const std::vector<sock_filter> program =
      BuildFilter({}, NativeArchitecture());
  const int error = ErrnoOfChild([&] {
    const sock_fprog filter{static_cast<unsigned short>(program.size()),
                            const_cast<sock_filter*>(program.data())};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    const long listener = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                    SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    return listener < 0 ? errno : 0;
  });
  return FromErrno(kNotification, error, "install a filter with a listener");
}

HostFeature SyncWakeUp() {
  // Asked of a listener of our own, in a child.
  const std::vector<sock_filter> program =
      BuildFilter({}, NativeArchitecture());
  const int error = ErrnoOfChild([&] {
    const sock_fprog filter{static_cast<unsigned short>(program.size()),
                            const_cast<sock_filter*>(program.data())};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    NotifyFd listener(UniqueFd(static_cast<int>(
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                  SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter))));
    return listener.EnableSyncWakeUp() ? 0 : EINVAL;
  });
  return FromErrno("synchronous wake-up (Linux 6.6)", error,
                   "SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP");
}

HostFeature Ptrace() {
  const int error = ErrnoOfChild(
      [] { return ::ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? 0 : errno; });
  return FromErrno(kPtrace, error, "PTRACE_TRACEME");
}

HostFeature SysPtraceCapability() {
  const auto status = ReadFile("/proc/self/status");
  const auto parsed = status.ok() ? ParseStatus(*status) : std::nullopt;
  const bool present =
      parsed &&
      (parsed->credentials.effective_capabilities >> CAP_SYS_PTRACE & 1) != 0;
  return Feature(kSysPtrace, present,
                 present ? "effective"
                         : "not effective: other users' processes are read "
                           "and attached to by taking their ids, which needs "
                           "CAP_SETUID and CAP_SETGID");
}

HostFeature Yama() {
  const auto scope = ReadFile("/proc/sys/kernel/yama/ptrace_scope", 16);
  if (!scope.ok()) {
    return Feature(kYama, true, "no Yama here");
  }
  const std::string value(absl::StripAsciiWhitespace(*scope));
  return Feature(kYama, value == "0", absl::StrCat("ptrace_scope is ", value));
}

HostFeature PacketSocket() {
  const UniqueFd fd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return FromErrno("packet socket (CAP_NET_RAW)", fd.valid() ? 0 : errno,
                   "socket(AF_PACKET)");
}

HostFeature Bpf() {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  const UniqueFd fd(static_cast<int>(
      ::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes))));
  return FromErrno("eBPF", fd.valid() ? 0 : errno, "create a map");
}

HostFeature Btf() {
  const bool present = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  return Feature("kernel type information (BTF)", present,
                 present ? "/sys/kernel/btf/vmlinux is readable" : ErrnoText());
}

HostFeature Procfs() {
  const bool present = ::access("/proc/1/stat", R_OK) == 0;
  return Feature(kProcfs, present,
                 present ? "other processes are visible" : ErrnoText());
}

HostFeature Children() {
  const bool present =
      ::access("/proc/self/task", R_OK) == 0 &&
      ReadFile(absl::StrCat("/proc/self/task/", ::getpid(), "/children")).ok();
  return Feature(
      "children of a process (CONFIG_PROC_CHILDREN)", present,
      present ? "readable" : "a daemon's true parent cannot be told");
}

bool Has(const std::vector<HostFeature>& features, absl::string_view name) {
  for (const HostFeature& feature : features) {
    if (feature.name == name) return feature.present;
  }
  return false;
}

}  // namespace

std::vector<HostFeature> ProbeHost() {
  return {
      Kernel(),  Notification(), SyncWakeUp(), Ptrace(), SysPtraceCapability(),
      Yama(),    PacketSocket(), Bpf(),        Btf(),    Procfs(),
      Children()};
}

std::vector<RungChoice> ChooseRungs(const std::vector<HostFeature>& features) {
  constexpr absl::string_view kKinds[] = {
      "exec",    "exit",   "credentials", "ptrace",   "signal", "memfd",
      "execmem", "dup",    "namespace",   "mount",    "kernel", "open",
      "unlink",  "rename", "link",        "symlink",  "chmod",  "chown",
      "mkdir",   "rmdir",  "mknod",       "truncate", "xattr",  "connect",
      "bind",    "listen", "accept",      "sendto",   "socket"};
  const bool launch = Has(features, kNotification);
  const bool procfs = Has(features, kProcfs);
  const bool readable = Has(features, kSysPtrace) || Has(features, kYama);
  std::vector<RungChoice> choices;
  choices.push_back({"start",
                     launch   ? "launch"
                     : procfs ? "procfs"
                              : "",
                     procfs ? "" : "/proc shows no other process"});
  for (const absl::string_view kind : kKinds) {
    choices.push_back(
        {std::string(kind), launch ? "launch" : "",
         !launch    ? "this host does not permit seccomp notification"
         : readable ? ""
                    : "cannot read the workload's memory: Yama. Calls whose "
                      "arguments lie there are counted as lost"});
  }
  return choices;
}

}  // namespace gatewatch::probes
