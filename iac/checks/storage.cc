#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "iac/checks/checks.h"
#include "iac/checks/each.h"

namespace gatewatch::iac {
namespace {

// Whoever may write there, or use the socket there, has the host.
constexpr std::array<absl::string_view, 17> kSensitive = {
    "/boot", "/dev",     "/etc",     "/home",    "/lib", "/opt",
    "/proc", "/root",    "/run",     "/sbin",    "/srv", "/sys",
    "/usr",  "/var/lib", "/var/log", "/var/run", "/bin"};

// What our own agent reads of a node, for its eBPF programs.
constexpr std::array<absl::string_view, 5> kAgents = {
    "/sys/kernel", "/sys/fs/bpf", "/sys/fs/cgroup", "/proc", "/run/containerd"};

bool IsBelow(absl::string_view path, absl::string_view folder) {
  return absl::ConsumePrefix(&path, folder) && (path.empty() || path[0] == '/');
}

template <typename List>
bool IsBelowAny(absl::string_view path, const List& folders) {
  return absl::c_any_of(
      folders, [&](absl::string_view folder) { return IsBelow(path, folder); });
}

// Whether our agent alone mounts a volume.
bool IsAgentsAlone(const Workload& workload, const std::string& volume) {
  bool mounted = false;
  for (const Container& container : workload.containers) {
    for (const Mount& mount : container.mounts) {
      if (!mount.volume.Is(volume)) continue;
      if (!container.is_agent) return false;
      mounted = true;
    }
  }
  return mounted;
}

void CheckHostPath(const Workload& workload, const Volume& volume,
                   Report& report) {
  const Text& path = volume.host_path;
  if (path.unknown()) {
    report.AddUnknown(workload.subject, path.place,
                      absl::StrCat("which folder of the host the volume ",
                                   volume.name, " is"));
    return;
  }
  if (!path.known() || path.value.empty()) return;
  if (IsAgentsAlone(workload, volume.name) && IsBelowAny(path.value, kAgents)) {
    return;
  }
  const bool socket = absl::EndsWith(path.value, ".sock");
  const bool sensitive =
      socket || path.value == "/" || IsBelowAny(path.value, kSensitive);
  report.Add(
      sensitive ? Severity::kHigh : Severity::kMedium, workload.subject,
      path.place,
      absl::StrCat("mounts ", path.value, " of the host",
                   socket ? ", which is as good as being root there" : ""));
}

// `setting` of an EFS volume must be ENABLED.
void CheckEnabled(const Workload& workload, const Volume& volume,
                  const Text& setting, absl::string_view what, Report& report) {
  if (setting.unknown()) {
    report.AddUnknown(
        workload.subject, setting.place,
        absl::StrCat("whether the volume ", volume.name, " has ", what));
  } else if (!setting.Is("ENABLED")) {
    report.Add(workload.subject, setting.place,
               absl::StrCat("the EFS volume ", volume.name, " has no ", what));
  }
}

}  // namespace

void CheckRootFilesystem(const Model& model, Report& report) {
  EachContainer(
      model, [&](const Workload& workload, const Container& container) {
        const Flag& flag = container.readonly_root;
        if (workload.windows || flag.Is(true)) return;
        if (flag.unknown()) {
          report.AddUnknown(container.subject, flag.place,
                            "whether its root filesystem can be written to");
          return;
        }
        report.Add(container.subject, flag.place,
                   "its root filesystem can be written to");
      });
}

void CheckEfs(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    for (const Volume& volume : workload.volumes) {
      if (volume.efs == Presence::kAbsent) continue;
      CheckEnabled(workload, volume, volume.transit_encryption,
                   "encryption in transit", report);
      CheckEnabled(workload, volume, volume.efs_iam, "IAM authorization",
                   report);
    }
  }
}

void CheckHostPaths(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    for (const Volume& volume : workload.volumes) {
      CheckHostPath(workload, volume, report);
    }
  }
}

}  // namespace gatewatch::iac
