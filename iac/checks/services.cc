#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "iac/checks/checks.h"

namespace gatewatch::iac {
namespace {

// Whether a version is below 1.4.0; false for what is no version.
bool IsOld(const std::string& version) {
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  int major = 0;
  int minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) ||
      !absl::SimpleAtoi(parts[1], &minor)) {
    return false;
  }
  return major < 1 || (major == 1 && minor < 4);
}

bool IsEverybody(const Text& range) {
  return range.Is("0.0.0.0/0") || range.Is("::/0");
}

bool IsAllProtocols(const Text& protocol) {
  return protocol.Is("-1") || protocol.Is("all");
}

// What a load balancer offers to the world.
bool IsWebOnly(const SecurityGroup::Rule& rule) {
  return !IsAllProtocols(rule.protocol) && rule.from.known() &&
         rule.from.value == rule.to.value &&
         (rule.from.value == 80 || rule.from.value == 443);
}

// Whether a service of the file uses the group.
bool IsUsed(const Model& model, const SecurityGroup& group) {
  if (group.id.empty()) return false;
  return absl::c_any_of(model.services, [&](const Service& service) {
    return absl::c_any_of(service.security_groups.value, [&](const Text& text) {
      return text.value == group.id ||
             absl::StartsWith(text.value, absl::StrCat("${", group.id, "}")) ||
             absl::StartsWith(text.value, absl::StrCat("${", group.id, "."));
    });
  });
}

void CheckRule(const SecurityGroup& group, const SecurityGroup::Rule& rule,
               bool used, Report& report) {
  if (rule.range.unknown()) {
    report.AddUnknown(group.subject, rule.range.place,
                      rule.ingress ? "whom it lets in" : "whom it lets reach");
    return;
  }
  if (!IsEverybody(rule.range)) return;
  if (!rule.ingress) {
    if (!IsAllProtocols(rule.protocol)) return;
    report.Add(Severity::kLow, group.subject, rule.place,
               "lets everything out to everywhere");
    return;
  }
  if (!used && IsWebOnly(rule)) return;
  report.Add(
      group.subject, rule.place,
      absl::StrCat("lets everybody in",
                   used ? " to the service, past any load balancer" : ""));
}

}  // namespace

void CheckPublicAddress(const Model& model, Report& report) {
  for (const Service& service : model.services) {
    const Flag& address = service.public_address;
    if (address.Is(true)) {
      report.Add(service.subject, address.place,
                 "gives its tasks public addresses");
    } else if (address.unknown()) {
      report.AddUnknown(service.subject, address.place,
                        "whether its tasks have public addresses");
    }
  }
}

void CheckPlatformVersion(const Model& model, Report& report) {
  // Windows' latest is 1.0.0.
  const bool windows =
      absl::c_any_of(model.workloads,
                     [](const Workload& workload) { return workload.windows; });
  for (const Service& service : model.services) {
    const Text& version = service.platform_version;
    if (version.unknown()) {
      report.AddUnknown(service.subject, version.place, "its platform version");
    } else if (!version.known() || version.value.empty() ||
               version.value == "LATEST" || windows) {
      continue;
    } else if (IsOld(version.value)) {
      report.Add(service.subject, version.place,
                 absl::StrCat("runs on platform version ", version.value,
                              ", which lacks pidMode and SYS_PTRACE"));
    } else {
      report.Add(Severity::kLow, service.subject, version.place,
                 absl::StrCat("stays on platform version ", version.value,
                              ", and will miss what is fixed after it"));
    }
  }
}

void CheckExec(const Model& model, Report& report) {
  for (const Service& service : model.services) {
    if (service.exec.Is(true)) {
      report.Add(service.subject, service.exec.place,
                 "lets people run commands as root in its containers");
    } else if (service.exec.unknown()) {
      report.AddUnknown(service.subject, service.exec.place,
                        "whether people may run commands in its containers");
    }
  }
  for (const EcsCluster& cluster : model.ecs_clusters) {
    if (cluster.exec_logging.Is("NONE")) {
      report.Add(cluster.subject, cluster.exec_logging.place,
                 "does not log what is run by ECS Exec");
    }
    if (cluster.exec == Presence::kKnown && cluster.exec_key.absent()) {
      report.Add(cluster.subject, cluster.exec_key.place,
                 "sessions of ECS Exec have no key of yours");
    }
    if (cluster.exec == Presence::kUnknown || cluster.exec_logging.unknown()) {
      report.AddUnknown(cluster.subject, cluster.exec_logging.place,
                        "whether sessions of ECS Exec are logged");
    }
  }
}

void CheckInsights(const Model& model, Report& report) {
  for (const EcsCluster& cluster : model.ecs_clusters) {
    const Text& insights = cluster.insights;
    if (insights.Is("enabled") || insights.Is("enhanced")) continue;
    if (insights.unknown()) {
      report.AddUnknown(cluster.subject, insights.place,
                        "whether Container Insights are on");
      continue;
    }
    report.Add(cluster.subject,
               insights.known() ? insights.place : cluster.place,
               "Container Insights are off");
  }
}

void CheckSecurityGroups(const Model& model, Report& report) {
  for (const SecurityGroup& group : model.security_groups) {
    const bool used = IsUsed(model, group);
    for (const SecurityGroup::Rule& rule : group.rules) {
      CheckRule(group, rule, used, report);
    }
  }
}

}  // namespace gatewatch::iac
