#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/capabilities.h"
#include "iac/checks/checks.h"

namespace gatewatch::iac {
namespace {

constexpr char kLauncher[] = "gatewatch-launch";

bool IsLaunched(const Container& container) {
  for (const TextList* list : {&container.entry_point, &container.command}) {
    if (!list->value.empty() &&
        absl::EndsWith(list->value.front().value, kLauncher)) {
      return true;
    }
  }
  return false;
}

bool IsApplication(const Container& container) {
  return !container.is_agent && !container.is_log_router &&
         (container.role == Container::Role::kMain);
}

bool IsAnalyzer(const Workload& workload) {
  return absl::c_any_of(workload.containers, [](const Container& container) {
    return ImageBaseName(container.image.value) == "gatewatch-analyzer";
  });
}

// How the agent sees into the other containers.
void CheckReach(const Workload& workload, const Container& agent,
                Report& report) {
  if (workload.pid_mode.unknown()) {
    report.AddUnknown(agent.subject, workload.pid_mode.place,
                      "whether it sees the application's processes");
  } else if (workload.pid_mode.absent()) {
    report.Add(agent.subject, workload.pid_mode.place,
               "does not see the application's processes: the process "
               "namespace is not shared");
  }
  const bool kubernetes = workload.platform == Workload::Platform::kKubernetes;
  const bool ptrace = NamesCapability(agent.added, "SYS_PTRACE") ||
                      NamesCapability(agent.added, "SYS_ADMIN") ||
                      agent.privileged.Is(true);
  if (HoldsUnknown(agent.added)) {
    report.AddUnknown(agent.subject, agent.added.place,
                      "whether it has SYS_PTRACE");
  } else if (kubernetes && workload.fargate.Is(true) && ptrace) {
    report.Add(agent.subject, agent.added.place,
               "has SYS_PTRACE, with which EKS does not schedule a pod on "
               "Fargate: use the launcher there");
  } else if (!ptrace && !(kubernetes && workload.fargate.Is(true))) {
    report.Add(agent.subject, agent.added.place,
               "has no SYS_PTRACE, and sees processes of its own user only");
  }
  if (agent.user.known() && !agent.user.value.empty() &&
      !absl::StartsWith(agent.user.value, "0") && agent.user.value != "root" &&
      ptrace) {
    report.Add(agent.subject, agent.user.place,
               "is not root, and so its capabilities have no effect");
  }
}

// Containers that the launcher was left out of, where others have it.
void CheckBypassed(const Workload& workload, Report& report) {
  for (const Container& container : workload.containers) {
    if (IsApplication(container) && !IsLaunched(container)) {
      report.Add(container.subject, container.place,
                 "is not started by gatewatch-launch, as others here are");
    }
  }
}

void CheckConfigured(const Workload& workload, const Container& agent,
                     Report& report) {
  const bool launched = absl::c_any_of(workload.containers, IsLaunched);
  if (launched) {
    CheckBypassed(workload, report);
  } else {
    CheckReach(workload, agent, report);
  }
  if (workload.platform == Workload::Platform::kEcs &&
      workload.containers.size() > 1 && !agent.essential.Is(false)) {
    report.Add(agent.subject, agent.essential.place,
               "is essential: the task ends when the agent does");
  }
  if (agent.image.known() && !absl::StrContains(agent.image.value, "@")) {
    report.Add(agent.subject, agent.image.place,
               "its image has no digest, so that what watches can be changed");
  }
}

}  // namespace

void CheckAgent(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    if (IsAnalyzer(workload)) continue;
    const Container* agent = AgentOf(workload);
    if (agent != nullptr) {
      CheckConfigured(workload, *agent, report);
    } else if (workload.has_containers == Presence::kUnknown) {
      report.AddUnknown(workload.subject, workload.place,
                        "whether it has the agent");
    } else {
      report.Add(workload.subject, workload.place,
                 workload.platform == Workload::Platform::kKubernetes
                     ? "has no agent: nobody watches it, unless its nodes do"
                     : "has no agent: nobody watches it");
    }
  }
}

}  // namespace gatewatch::iac
