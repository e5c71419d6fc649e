#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/checks.h"
#include "iac/checks/each.h"

namespace gatewatch::iac {
namespace {

// Those that belong to the container's own namespaces, by Kubernetes' list.
constexpr std::array<absl::string_view, 12> kSafeSysctls = {
    "kernel.shm_rmid_forced",           "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",        "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",     "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",      "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",          "net.ipv4.tcp_wmem"};

// A node's agent, alone in its workload, sees the node's processes and network.
bool IsNodeAgent(const Workload& workload) {
  return AgentOf(workload) != nullptr && workload.containers.size() == 1;
}

// One of a workload's modes that must not be "host".
void CheckMode(const Workload& workload, const Text& mode,
               absl::string_view what, Report& report) {
  if (mode.Is("host")) {
    report.Add(workload.subject, mode.place,
               absl::StrCat("shares the host's ", what));
  } else if (mode.unknown()) {
    report.AddUnknown(workload.subject, mode.place,
                      absl::StrCat("whether it shares the host's ", what));
  }
}

}  // namespace

void CheckHostPid(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    if (IsNodeAgent(workload)) continue;
    CheckMode(workload, workload.pid_mode, "process namespace", report);
  }
}

void CheckSharedPid(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    if (AgentOf(workload) != nullptr) continue;
    const Text& mode = workload.pid_mode;
    if (mode.unknown()) {
      report.AddUnknown(workload.subject, mode.place,
                        "whether its containers see each other's processes");
    } else if (mode.Is("task")) {
      report.Add(workload.subject, mode.place,
                 "its containers see each other's processes, environment "
                 "included, and no agent of ours needs that");
    }
  }
}

void CheckHostNamespaces(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    CheckMode(workload, workload.ipc_mode, "IPC namespace", report);
    if (IsNodeAgent(workload)) continue;
    CheckMode(workload, workload.network_mode, "network", report);
  }
}

void CheckKernelSettings(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    const Text& mount = container.proc_mount;
    if (mount.Is("Unmasked")) {
      report.Add(container.subject, mount.place,
                 "sees all of /proc (procMount: Unmasked)");
    } else if (mount.unknown()) {
      report.AddUnknown(container.subject, mount.place,
                        "what it sees of /proc");
    }
  });
  for (const Workload& workload : model.workloads) {
    for (const NamedText& setting : workload.sysctls) {
      if (absl::c_linear_search(kSafeSysctls, setting.name)) continue;
      report.Add(workload.subject, setting.value.place,
                 absl::StrCat("sets ", setting.name,
                              ", which is not known to be safe"));
    }
  }
}

}  // namespace gatewatch::iac
