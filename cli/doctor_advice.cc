#include "cli/doctor_advice.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace gatewatch::cli {
namespace {

namespace feature = probes::feature;

// Null: nothing can be done there.
struct Row {
  absl::string_view feature;
  const char* ecs;
  const char* kubernetes;
  const char* host;
};

constexpr char kFileCapabilities[] =
    "The capability is granted, but not to a user other than root. Run the "
    "agent's container as root, or give its program file capabilities: setcap "
    "cap_sys_ptrace,cap_dac_override,cap_kill,cap_net_raw+ep gatewatch-agent.";

constexpr char kSeccompProfile[] =
    "Needs Linux 5.7 or later, and a seccomp profile of the container that "
    "lets it call seccomp(2), as the default ones do.";

// In the order in which they matter.
constexpr Row kRows[] = {
    {feature::kOthersVisible,
     "Set \"pidMode\": \"task\" in the task definition: the agent then sees "
     "the other containers' processes and can attach to them.",
     "Set shareProcessNamespace: true in the pod's spec: the agent then sees "
     "the other containers' processes.",
     "Run the agent in the host's pid namespace (docker run --pid=host) to "
     "see containers."},
    {feature::kSysPtrace,
     "Add \"SYS_PTRACE\" to linuxParameters.capabilities.add of the agent's "
     "container: it can then attach to containers as they are.",
     "On nodes, add SYS_PTRACE to securityContext.capabilities.add of the "
     "agent's container. EKS on Fargate grants it to nobody: start the "
     "workload with gatewatch-launch there.",
     "Give the agent CAP_SYS_PTRACE (docker run --cap-add SYS_PTRACE), or run "
     "it as root."},
    {feature::kYama,
     "Needs SYS_PTRACE (above), which Yama makes an exception for.",
     "Needs SYS_PTRACE (above), which Yama makes an exception for; where that "
     "is not to be had, start the workload with gatewatch-launch.",
     "Give the agent CAP_SYS_PTRACE, or set kernel.yama.ptrace_scope to 0."},
    {feature::kNotification, kSeccompProfile, kSeccompProfile, kSeccompProfile},
    {feature::kAllThreads, nullptr, kSeccompProfile, kSeccompProfile},
    {feature::kMemoryFiles, nullptr, nullptr,
     "Set vm.memfd_noexec to 0: a keeper can then live in the workload's "
     "container and outlast the agent's."},
    {feature::kPacketSocket,
     "Do not drop NET_RAW from the agent's container: Fargate grants it by "
     "default, and DNS questions and answers are read with it.",
     "Do not drop NET_RAW from the agent's container: DNS questions and "
     "answers are read with it.",
     "Give the agent CAP_NET_RAW: DNS questions and answers are read with it."},
    {feature::kBpfProgram, nullptr,
     "On nodes, add BPF and PERFMON to securityContext.capabilities.add of "
     "the agent's container: every call is then seen with its result. Not to "
     "be had on Fargate.",
     "Give the agent CAP_BPF and CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN): "
     "every call is then seen with its result."},
    {feature::kKernelTypes, nullptr,
     "Mount /sys into the agent's container: eBPF needs /sys/kernel/btf.",
     "eBPF needs a kernel with CONFIG_DEBUG_INFO_BTF, and /sys mounted."},
    {feature::kProcfs, "Let the agent's container have /proc mounted.",
     "Let the agent's container have /proc mounted.",
     "Mount /proc without hidepid."},
};

const char* ChangeOf(const Row& row, Platform platform) {
  switch (platform) {
    case Platform::kEcs:
      return row.ecs;
    case Platform::kKubernetes:
      return row.kubernetes;
    case Platform::kHost:
      return row.host;
  }
  return nullptr;
}

const probes::HostFeature* Find(
    const std::vector<probes::HostFeature>& features, absl::string_view name) {
  const auto found =
      std::find_if(features.begin(), features.end(),
                   [name](const auto& known) { return known.name == name; });
  return found == features.end() ? nullptr : &*found;
}

bool Has(const std::vector<probes::HostFeature>& features,
         absl::string_view name) {
  const probes::HostFeature* found = Find(features, name);
  return found != nullptr && found->present;
}

// Whether what is missing makes no difference here.
bool IsMoot(absl::string_view name,
            const std::vector<probes::HostFeature>& features) {
  if (name == feature::kPacketSocket || name == feature::kOthersVisible) {
    return false;
  }
  return Has(features, feature::kBpfProgram) &&
         Has(features, feature::kBpfMap) &&
         Has(features, feature::kKernelTypes);
}

}  // namespace

std::vector<Advice> AdviceFor(const std::vector<probes::HostFeature>& features,
                              Platform platform) {
  std::vector<Advice> advice;
  for (const Row& row : kRows) {
    const probes::HostFeature* tried = Find(features, row.feature);
    if (tried == nullptr || tried->present || IsMoot(row.feature, features)) {
      continue;
    }
    // The trap: it looks granted.
    const bool not_effective = row.feature == feature::kSysPtrace &&
                               absl::StartsWith(tried->detail, "granted");
    const char* change =
        not_effective ? kFileCapabilities : ChangeOf(row, platform);
    if (change == nullptr) continue;
    advice.push_back({std::string(row.feature), change});
  }
  return advice;
}

}  // namespace gatewatch::cli
