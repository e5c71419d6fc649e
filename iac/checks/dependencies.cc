#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/checks.h"

namespace gatewatch::iac {
namespace {

using ByName = absl::flat_hash_map<std::string, const Container*>;

void CheckOne(const Container& container, const Dependency& dependency,
              const ByName& by_name, bool all_known, Report& report) {
  const Subject& subject = container.subject;
  const Text& name = dependency.container;
  if (name.unknown() || dependency.condition.unknown()) {
    report.AddUnknown(subject, dependency.place, "what it depends on");
    return;
  }
  const auto found = by_name.find(name.value);
  if (found == by_name.end()) {
    if (!all_known) return;
    report.Add(subject, dependency.place,
               absl::StrCat("depends on a container ", name.value,
                            ", which there is not"));
    return;
  }
  const Container& other = *found->second;
  const std::string& condition = dependency.condition.value;
  if ((condition == "COMPLETE" || condition == "SUCCESS") &&
      !other.essential.Is(false) && !other.essential.unknown()) {
    report.Add(subject, dependency.place,
               absl::StrCat("waits for the end of ", name.value,
                            ", which is essential and ends the task with it"));
  }
  if (condition == "HEALTHY" && other.health_check.absent()) {
    report.Add(subject, dependency.place,
               absl::StrCat("waits until ", name.value,
                            " is healthy, which has no health check"));
  }
}

// Finds cycles by taking away, again and again, what depends on nothing that
// is left.
void CheckCycles(const Workload& workload, const ByName& by_name,
                 Report& report) {
  absl::flat_hash_map<std::string, int> waiting;
  absl::flat_hash_map<std::string, std::vector<std::string>> dependants;
  for (const auto& [name, container] : by_name) {
    waiting.try_emplace(name, 0);
    for (const Dependency& dependency : container->depends_on) {
      const std::string& on = dependency.container.value;
      if (!by_name.contains(on)) continue;
      ++waiting[name];
      dependants[on].push_back(name);
    }
  }
  std::vector<std::string> free;
  for (const auto& [name, count] : waiting) {
    if (count == 0) free.push_back(name);
  }
  while (!free.empty()) {
    const std::string name = free.back();
    free.pop_back();
    for (const std::string& dependant : dependants[name]) {
      if (--waiting[dependant] == 0) free.push_back(dependant);
    }
    waiting.erase(name);
  }
  // In the file's order, for the same words every time.
  for (const Container& container : workload.containers) {
    if (!waiting.contains(container.subject.container)) continue;
    report.Add(container.subject, container.place,
               "waits for containers that wait for it");
    return;
  }
}

}  // namespace

void CheckDependencies(const Model& model, Report& report) {
  for (const Workload& workload : model.workloads) {
    ByName by_name;
    for (const Container& container : workload.containers) {
      by_name.try_emplace(container.subject.container, &container);
    }
    for (const Container& container : workload.containers) {
      for (const Dependency& dependency : container.depends_on) {
        CheckOne(container, dependency, by_name,
                 workload.has_containers == Presence::kKnown, report);
      }
    }
    CheckCycles(workload, by_name, report);
  }
}

}  // namespace gatewatch::iac
