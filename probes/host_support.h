#ifndef GATEWATCH_PROBES_HOST_SUPPORT_H_
#define GATEWATCH_PROBES_HOST_SUPPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatewatch::probes {

// One thing that capture may need, and whether this process has it here.
struct HostFeature {
  std::string name;  // one of those below
  bool present = false;
  std::string detail;  // what was tried and what it said
};

namespace feature {
inline constexpr absl::string_view kKernel = "kernel";
inline constexpr absl::string_view kRoot = "root";
inline constexpr absl::string_view kNewPrivileges = "new privileges";
inline constexpr absl::string_view kSysPtrace = "CAP_SYS_PTRACE";
inline constexpr absl::string_view kNotification = "seccomp notification";
inline constexpr absl::string_view kAllThreads = "seccomp for all threads";
inline constexpr absl::string_view kWaitKillable = "uninterrupted notification";
inline constexpr absl::string_view kSyncWakeUp = "synchronous wake-up";
inline constexpr absl::string_view kTakeDescriptor = "pidfd_getfd";
inline constexpr absl::string_view kReadMemory = "process_vm_readv";
inline constexpr absl::string_view kTraceChildren = "ptrace of children";
inline constexpr absl::string_view kYama = "ptrace without Yama";
inline constexpr absl::string_view kOthersVisible = "other containers visible";
inline constexpr absl::string_view kOthersAccess = "access to other containers";
inline constexpr absl::string_view kOthersFiles = "files of other containers";
inline constexpr absl::string_view kMemoryFiles = "execution from memory";
inline constexpr absl::string_view kOwnDescriptors = "own descriptor table";
inline constexpr absl::string_view kPacketSocket = "packet socket";
inline constexpr absl::string_view kSocketList = "socket list";
inline constexpr absl::string_view kBpfMap = "eBPF map";
inline constexpr absl::string_view kBpfProgram = "eBPF program";
inline constexpr absl::string_view kKernelTypes = "kernel types (BTF)";
inline constexpr absl::string_view kProcfs = "procfs";
inline constexpr absl::string_view kChildren = "children of a process";
inline constexpr absl::string_view kCgroup = "cgroup";
}  // namespace feature

// Finds out what the host permits this process by trying it, never by a
// version string. Harmless: nothing outside this process is changed, and what
// it starts is ended.
std::vector<HostFeature> ProbeHost();

// Which rung of the capture ladder serves an event kind here.
struct RungChoice {
  std::string kind;    // as proto/event_kind.h names it
  std::string rung;    // "launch", "procfs" …; empty: none
  std::string reason;  // why no better rung; empty when it is the best
};

// The ladder from the top: "ebpf", "attach", "launch", "ptrace", "procfs",
// "packet".
std::vector<std::string> AllRungs();

// The best rung for each kind, of those that are `offered`.
std::vector<RungChoice> ChooseRungs(
    const std::vector<HostFeature>& features,
    const std::vector<std::string>& offered = AllRungs());

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_HOST_SUPPORT_H_
