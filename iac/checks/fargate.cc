#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/checks.h"
#include "iac/fargate_sizes.h"

namespace gatewatch::iac {
namespace {

void CheckSize(const Workload& task, Report& report) {
  if (task.cpu.absent() || task.memory.absent()) {
    report.Add(task.subject, task.place,
               "Fargate needs cpu and memory of the task");
    return;
  }
  if (task.cpu.unknown() || task.memory.unknown()) {
    report.AddUnknown(task.subject, task.cpu.place,
                      "whether Fargate has a task of this size");
    return;
  }
  const auto cpu = CpuUnits(task.cpu.value);
  const auto memory = MebiBytes(task.memory.value);
  if (!cpu.has_value() || MemoryFor(*cpu).empty()) {
    report.Add(task.subject, task.cpu.place,
               absl::StrCat("Fargate has no task with cpu ", task.cpu.value));
  } else if (!memory.has_value() || !IsFargateSize(*cpu, *memory)) {
    report.Add(task.subject, task.memory.place,
               absl::StrCat("Fargate has no task with cpu ", task.cpu.value,
                            " and memory ", task.memory.value, ", but with ",
                            MemoryFor(*cpu)));
  }
}

void CheckShare(const Workload& task, Report& report) {
  const auto whole = task.cpu.known() ? CpuUnits(task.cpu.value) : std::nullopt;
  if (!whole.has_value()) return;
  double sum = 0;
  for (const Container& container : task.containers) {
    if (!container.cpu.known()) continue;
    sum += CpuUnits(container.cpu.value).value_or(0);
  }
  if (sum <= *whole) return;
  report.Add(task.subject, task.cpu.place,
             absl::StrCat("its containers' cpu is ", sum,
                          " together, the task's ", *whole));
}

void CheckIllegal(const Subject& subject,
                  const std::vector<NamedText>& settings, Report& report) {
  for (const NamedText& setting : settings) {
    report.Add(subject, setting.value.place,
               absl::StrCat("Fargate refuses ", setting.name));
  }
}

void CheckPorts(const Container& container, Report& report) {
  for (const Port& port : container.ports) {
    if (!port.host.known() || !port.container.known()) continue;
    if (port.host.value == 0 || port.host.value == port.container.value) {
      continue;
    }
    report.Add(container.subject, port.host.place,
               absl::StrCat("with awsvpc, hostPort ", port.host.value,
                            " must be containerPort ", port.container.value));
  }
}

void CheckFargateTask(const Workload& task, Report& report) {
  if (task.network_mode.unknown()) {
    report.AddUnknown(task.subject, task.network_mode.place,
                      "whether its network mode is awsvpc");
  } else if (!task.network_mode.Is("awsvpc")) {
    report.Add(task.subject, task.network_mode.place,
               "Fargate needs the network mode awsvpc");
  }
  if (task.pid_mode.Is("host")) {
    report.Add(task.subject, task.pid_mode.place,
               "Fargate refuses the pidMode host");
  }
  CheckSize(task, report);
  CheckShare(task, report);
  CheckIllegal(task.subject, task.not_on_fargate, report);
  for (const Container& container : task.containers) {
    CheckIllegal(container.subject, container.not_on_fargate, report);
  }
}

// What holds for every task definition.
void CheckTask(const Workload& task, Report& report) {
  absl::flat_hash_set<std::string> names;
  for (const Container& container : task.containers) {
    if (!names.insert(container.subject.container).second &&
        container.subject.container != "?") {
      report.Add(container.subject, container.place,
                 "another container has the same name");
    }
    if (task.network_mode.Is("awsvpc")) CheckPorts(container, report);
  }
  const bool all = task.has_containers == Presence::kKnown;
  if (all && absl::c_all_of(task.containers, [](const Container& container) {
        return container.essential.Is(false);
      })) {
    report.Add(task.subject, task.place, "none of its containers is essential");
  }
  if (!all) {
    report.AddUnknown(task.subject, task.place, "which containers it has");
  }
}

}  // namespace

void CheckFargate(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    CheckTask(workload, report);
    if (workload.fargate.Is(true)) {
      CheckFargateTask(workload, report);
    } else if (workload.fargate.unknown()) {
      report.AddUnknown(workload.subject, workload.fargate.place,
                        "whether it runs on Fargate");
    }
  }
}

}  // namespace gatewatch::iac
