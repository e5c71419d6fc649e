#include "iac/inject/check.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "iac/fargate_sizes.h"
#include "iac/inject/choice.h"

namespace gatewatch::iac {
namespace {

constexpr size_t kMostContainers = 10;

// Nothing when it is not to be known here.
using ParseSize = std::optional<double> (*)(const std::string& text);
std::optional<int> Amount(const Node* node, ParseSize parse) {
  if (node == nullptr || !node->tag.empty()) return std::nullopt;
  const std::optional<double> number = parse(node->text);
  if (!number || !(*number >= 0 && *number < 1e7)) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<int> Cpu(const Node& node) {
  return Amount(node.FindEitherCase("cpu"), CpuUnits);
}

std::optional<int> Memory(const Node& node, absl::string_view key = "memory") {
  return Amount(node.FindEitherCase(key), MebiBytes);
}

class Checker {
 public:
  Checker(const SourceFile& file, const Target& target, Findings& findings)
      : file_(file), target_(target), findings_(findings) {}

  void Check() {
    CheckNames();
    if (target_.shape == Target::Shape::kPod) return;
    CheckPorts();
    CheckDependencies();
    CheckCycles();
    if (target_.holder != nullptr) CheckSize();
  }

 private:
  void Error(const Node& place, absl::string_view what) {
    findings_.errors.push_back(Finding(file_, target_, place, what));
  }

  void CheckNames() {
    const std::vector<Node>& containers = target_.containers->items;
    if (target_.shape != Target::Shape::kPod &&
        containers.size() > kMostContainers) {
      Error(*target_.containers,
            absl::StrCat(containers.size(),
                         " containers, and ECS allows 10 in a task; exclude "
                         "this task, or merge some of them"));
    }
    std::set<std::string> names;
    for (const Node& container : containers) {
      const Node* name = container.FindEitherCase("name");
      if (name == nullptr || name->kind != Node::Kind::kScalar) continue;
      if (!names.insert(name->tag + name->text).second) {
        Error(container, absl::StrCat("two containers are named ", name->text,
                                      "; give one another name"));
      }
    }
  }

  void CheckPorts() {
    std::set<std::string> ports;
    for (const Node& container : target_.containers->items) {
      const Node* mappings = container.FindEitherCase("portMappings");
      if (mappings == nullptr) continue;
      for (const Node& mapping : mappings->items) {
        const std::string port = TextOf(mapping, "containerPort");
        const std::string protocol = TextOf(mapping, "protocol");
        if (port.empty()) continue;
        const std::string key =
            absl::StrCat(port, "/", protocol.empty() ? "tcp" : protocol);
        if (!ports.insert(key).second) {
          Error(mapping, absl::StrCat("two containers take port ", key,
                                      " of the network that they share; change "
                                      "one"));
        }
      }
    }
  }

  void CheckDependencies() {
    std::map<std::string, const Node*> by_name;
    bool all_known = true;
    for (const Node& container : target_.containers->items) {
      const std::string name = TextOf(container, "name");
      by_name[name] = &container;
      all_known = all_known && !name.empty();
    }
    for (const Node& container : target_.containers->items) {
      const Node* dependencies = container.FindEitherCase("dependsOn");
      if (dependencies == nullptr) continue;
      for (const Node& item : dependencies->items) {
        const std::string name = TextOf(item, "containerName");
        const auto known = by_name.find(name);
        if (known != by_name.end()) {
          CheckCondition(item, *known->second);
        } else if (all_known && !name.empty()) {
          Error(item, absl::StrCat("depends on ", name,
                                   ", which is no container of this task"));
        }
      }
    }
  }

  void CheckCondition(const Node& item, const Node& container) {
    const std::string condition = TextOf(item, "condition");
    const std::string name = TextOf(container, "name");
    if ((condition == "COMPLETE" || condition == "SUCCESS") &&
        TextOf(container, "essential") != "false") {
      Error(item, absl::StrCat("waits for the end of ", name,
                               ", which is essential, so that its end is the "
                               "task's; set essential to false"));
    }
    if (condition == "HEALTHY" &&
        container.FindEitherCase("healthCheck") == nullptr) {
      Error(item, absl::StrCat("waits for ", name,
                               " to be healthy, which has no healthCheck; add "
                               "one, or wait for START"));
    }
  }

  void CheckCycles() {
    std::map<std::string, std::set<std::string>> waits;
    for (const Node& container : target_.containers->items) {
      const Node* dependencies = container.FindEitherCase("dependsOn");
      if (dependencies == nullptr) continue;
      for (const Node& item : dependencies->items) {
        waits[TextOf(container, "name")].insert(TextOf(item, "containerName"));
      }
    }
    // Whoever waits for nobody that waits is done; who is left, waits for ever.
    for (bool changed = true; changed;) {
      changed = false;
      for (auto it = waits.begin(); it != waits.end();) {
        const bool free = absl::c_none_of(it->second, [&](const auto& name) {
          return waits.count(name) > 0;
        });
        changed = changed || free;
        it = free ? waits.erase(it) : std::next(it);
      }
    }
    if (waits.empty()) return;
    Error(*target_.containers,
          absl::StrCat("containers that depend on each other in a circle, ",
                       waits.begin()->first, " among them; take one out"));
  }

  bool OnFargate() const {
    const Node* list =
        target_.holder->FindEitherCase("requiresCompatibilities");
    return list != nullptr && absl::c_any_of(list->items, [](const Node& item) {
             return item.text == "FARGATE";
           });
  }

  void CheckSize() {
    const Node& task = *target_.holder;
    const std::optional<int> cpu = Cpu(task);
    const std::optional<int> memory = Memory(task);
    if (OnFargate() && cpu && memory && !IsFargateSize(*cpu, *memory)) {
      Error(task,
            absl::StrCat("Fargate has no size of ", *cpu, " CPU units with ",
                         *memory, " MiB; see AWS's table of task sizes"));
    }
    int cpu_sum = 0;
    int memory_sum = 0;
    for (const Node& container : target_.containers->items) {
      cpu_sum += Cpu(container).value_or(0);
      const std::optional<int> soft = Memory(container, "memoryReservation");
      memory_sum += soft.value_or(Memory(container).value_or(0));
    }
    CheckHeadroom("CPU units", cpu_sum, cpu);
    CheckHeadroom("MiB of memory", memory_sum, memory);
  }

  void CheckHeadroom(absl::string_view what, int sum,
                     const std::optional<int>& limit) {
    if (!limit || sum <= *limit) return;
    Error(*target_.holder,
          absl::StrCat("its containers reserve ", sum, " ", what,
                       " with the agent, and the task has ", *limit,
                       "; raise the task's, or lower a container's"));
  }

  const SourceFile& file_;
  const Target& target_;
  Findings& findings_;
};

}  // namespace

void CheckTarget(const SourceFile& file, const Target& target,
                 Findings& findings) {
  Checker(file, target, findings).Check();
}

}  // namespace gatewatch::iac
