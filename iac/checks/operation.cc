#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "iac/checks/checks.h"
#include "iac/checks/each.h"

namespace gatewatch::iac {
namespace {

bool IsKubernetes(const Workload& workload) {
  return workload.platform == Workload::Platform::kKubernetes;
}

// Whether the task's own limits hold for a container that has none.
bool IsLimitedByTask(const Workload& workload) {
  return !IsKubernetes(workload) && !workload.memory.absent();
}

}  // namespace

void CheckLogging(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    const Text& driver = container.log_driver;
    if (driver.unknown()) {
      report.AddUnknown(container.subject, driver.place,
                        "where its output goes");
    } else if (driver.absent() || driver.Is("none")) {
      report.Add(container.subject, driver.place, "its output goes nowhere");
    } else if (container.log_mode.Is("blocking")) {
      report.Add(Severity::kLow, container.subject, container.log_mode.place,
                 "it stops when its log is not taken (mode: blocking)");
    } else if (container.log_mode.unknown()) {
      report.AddUnknown(container.subject, container.log_mode.place,
                        "whether its log may block it");
    }
  });
}

void CheckLimits(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload& workload,
                           const Container& container) {
    if (IsLimitedByTask(workload) ||
        container.role == Container::Role::kEphemeral) {
      return;
    }
    std::vector<absl::string_view> missing;
    if (container.memory.absent()) missing.push_back("memory");
    // ECS shares the CPU out by weight, and needs no limit.
    if (IsKubernetes(workload) && container.cpu.absent()) {
      missing.push_back("CPU");
    }
    if (missing.empty()) return;
    report.Add(container.subject, container.place,
               absl::StrCat("has no limit of ", absl::StrJoin(missing, " and "),
                            ", and may take the host's"));
  });
}

void CheckHealth(const Model& model, Report& report) {
  EachContainer(
      model, [&](const Workload& workload, const Container& container) {
        if (container.role != Container::Role::kMain || container.is_agent ||
            workload.runs_to_completion || container.essential.Is(false)) {
          return;
        }
        const TextList& check = container.health_check;
        if (check.absent()) {
          report.Add(container.subject, container.place,
                     IsKubernetes(workload)
                         ? "has no probe: nobody notices when it hangs"
                         : "has no health check: nobody notices when it hangs");
        } else if (check.unknown() && container.health_check.value.empty()) {
          report.AddUnknown(container.subject, check.place,
                            "whether it has a health check");
        }
      });
}

}  // namespace gatewatch::iac
