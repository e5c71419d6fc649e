#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/checks.h"

namespace gatewatch::iac {
namespace {

// Known to be equal, or unknown but the same: ${Role.Arn} twice. An expression
// that was not understood has no name.
bool AreSame(const Text& a, const Text& b) {
  return !a.absent() && a.presence == b.presence && !a.value.empty() &&
         a.value == b.value;
}

// Whether ECS itself has to act for the task before it starts.
bool NeedsExecutionRole(const Workload& task) {
  return absl::c_any_of(task.containers, [](const Container& container) {
    return container.secrets != Presence::kAbsent ||
           container.log_driver.Is("awslogs") ||
           absl::StrContains(container.image.value, ".dkr.ecr.");
  });
}

void CheckTaskRoles(const Workload& task, Report& report) {
  if (AreSame(task.task_role, task.execution_role)) {
    report.Add(task.subject, task.task_role.place,
               "the application has the execution role, and with it may read "
               "the task's secrets and images");
  } else if (task.task_role.unknown() && task.execution_role.unknown() &&
             (task.task_role.value.empty() ||
              task.execution_role.value.empty())) {
    report.AddUnknown(task.subject, task.task_role.place,
                      "whether its task role is its execution role");
  }
  const Text& execution = task.execution_role;
  if (task.fargate.Is(true) && (execution.absent() || execution.Is("")) &&
      NeedsExecutionRole(task)) {
    report.Add(task.subject, task.place,
               "has no execution role, which its images, logs or secrets need");
  }
}

bool IsEverything(const TextList& list) {
  return absl::c_any_of(list.value,
                        [](const Text& text) { return text.Is("*"); });
}

void CheckRole(const Role& role, Report& report) {
  for (const Text& policy : role.managed_policies.value) {
    for (const char* broad :
         {"/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess"}) {
      if (!absl::EndsWith(policy.value, broad)) continue;
      report.Add(role.subject, policy.place,
                 absl::StrCat("gives tasks the policy ", broad + 1));
    }
  }
  for (const Role::Statement& statement : role.statements) {
    if (statement.allows && IsEverything(statement.actions)) {
      report.Add(role.subject, statement.place, "lets tasks do everything");
    }
  }
}

// Whether an account of the file, which a pod has, mounts no token by itself.
bool IsSilentAccount(const Model& model, const Workload& workload) {
  return absl::c_any_of(model.service_accounts,
                        [&](const ServiceAccount& account) {
                          return workload.service_account.Is(account.name) &&
                                 workload.space == account.space &&
                                 account.automount_token.Is(false);
                        });
}

}  // namespace

void CheckRoles(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    CheckTaskRoles(workload, report);
  }
  for (const Role& role : model.roles) {
    if (role.for_tasks) CheckRole(role, report);
  }
}

void CheckServiceAccount(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    const Flag& token = workload.automount_token;
    if (token.unknown()) {
      report.AddUnknown(workload.subject, token.place,
                        "whether it has a token of the Kubernetes API");
    } else if (token.Is(true) ||
               (token.absent() && !IsSilentAccount(model, workload))) {
      const bool own = workload.service_account.known() &&
                       workload.service_account.value != "default";
      report.Add(workload.subject, token.place,
                 absl::StrCat("has a token of the Kubernetes API",
                              own ? "" : ", of the default service account"));
    }
  }
  for (const ClusterBinding& binding : model.cluster_bindings) {
    if (binding.role.Is("cluster-admin")) {
      report.Add(binding.subject, binding.role.place,
                 "makes its subjects administrators of the cluster");
    }
  }
}

}  // namespace gatewatch::iac
