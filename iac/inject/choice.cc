#include "iac/inject/choice.h"

#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "iac/inject/names.h"

namespace gatewatch::iac {
namespace {

// Parts of the names of images that hold another sensor.
constexpr absl::string_view kSensorImages[] = {
    "datadog/agent",  "datadog-agent", "falcosecurity", "sysdig",
    "twistlock",      "prismacloud",   "aquasec",       "falcon-container",
    "falcon-sensor",  "sentinelone",   "lacework",      "guardduty",
    "workload-agent", "tracee",        "tetragon",
};

bool IsSensor(const std::string& image) {
  return absl::c_any_of(kSensorImages, [&](absl::string_view part) {
    return absl::StrContains(image, part);
  });
}

// The option of a target, or of one of its containers; empty when not given.
std::string OptionOf(const Target& target, absl::string_view key) {
  const auto value = [&](const Node* list) -> std::string {
    const Node* node = FindNamed(list, key);
    return node == nullptr ? "" : node->text;
  };
  if (target.shape == Target::Shape::kTask) {
    return value(target.holder->FindEitherCase("tags"));
  }
  for (const Node* metadata : target.metadata) {
    std::string text = value(metadata->Find("annotations"));
    if (!text.empty()) return text;
  }
  return "";
}

bool HasAgent(const Target& target) {
  const Node* inits = target.shape == Target::Shape::kPod
                          ? target.holder->Find("initContainers")
                          : nullptr;
  for (const Node* list : {target.containers, inits}) {
    if (list == nullptr) continue;
    for (const Node& container : list->items) {
      if (TextOf(container, "name") == kAgentContainer ||
          absl::StrContains(TextOf(container, "image"), kAgentContainer)) {
        return true;
      }
    }
  }
  return false;
}

std::string WhyNone(const Target& target, const InjectOptions& options) {
  const std::string option = OptionOf(target, kOptionKey);
  if (option == "false") return absl::StrCat(kOptionKey, " is false");
  if (options.opt_in && option != "true") {
    return absl::StrCat(kOptionKey, " is not true");
  }
  if (target.on_each_node && !options.on_nodes) {
    return "a DaemonSet has no pods on Fargate";
  }
  if (HasAgent(target))
    return "it has an agent that was not put there by inject";
  if (target.holder == nullptr) return "";
  const Node* platform = target.holder->FindEitherCase("runtimePlatform");
  if (platform != nullptr &&
      absl::StartsWith(TextOf(*platform, "operatingSystemFamily"), "WINDOWS")) {
    return "Windows containers cannot be watched";
  }
  return "";
}

// The containers that others wait for to end.
std::set<std::string> AwaitedEnds(const Node& containers) {
  std::set<std::string> names;
  for (const Node& container : containers.items) {
    const Node* dependencies = container.FindEitherCase("dependsOn");
    if (dependencies == nullptr) continue;
    for (const Node& item : dependencies->items) {
      const std::string condition = TextOf(item, "condition");
      if (condition == "COMPLETE" || condition == "SUCCESS") {
        names.insert(TextOf(item, "containerName"));
      }
    }
  }
  return names;
}

std::string WhyNot(const Node& container, const InjectOptions& options,
                   const std::set<std::string>& inits,
                   const std::set<std::string>& excluded) {
  const std::string name = TextOf(container, "name");
  if (excluded.count(name) > 0) return "excluded";
  if (!options.include.empty() &&
      !absl::c_linear_search(options.include, name)) {
    return "not included";
  }
  if (container.FindEitherCase("firelensConfiguration") != nullptr) {
    return "a log router";
  }
  if (inits.count(name) > 0) return "others wait for its end";
  if (IsSensor(TextOf(container, "image"))) return "another sensor";
  const Node* option =
      FindNamed(container.FindEitherCase("dockerLabels"), kOptionKey);
  if (option != nullptr && option->text == "false") {
    return absl::StrCat(kOptionKey, " is false");
  }
  return "";
}

}  // namespace

std::string TextOf(const Node& container, absl::string_view key) {
  const Node* node = container.FindEitherCase(key);
  return node == nullptr ? "" : node->text;
}

Choice Choose(const Target& target, const InjectOptions& options) {
  Choice choice{.why_not = WhyNone(target, options)};
  if (!choice.why_not.empty()) return choice;
  std::set<std::string> excluded(options.exclude.begin(),
                                 options.exclude.end());
  for (absl::string_view name :
       absl::StrSplit(OptionOf(target, kExcludeKey), ',', absl::SkipEmpty())) {
    excluded.emplace(absl::StripAsciiWhitespace(name));
  }
  const std::set<std::string> inits = AwaitedEnds(*target.containers);
  for (size_t i = 0; i < target.containers->items.size(); ++i) {
    const Node& container = target.containers->items[i];
    const std::string why = WhyNot(container, options, inits, excluded);
    if (why.empty()) {
      choice.containers.push_back(i);
    } else {
      choice.left_alone.push_back(
          absl::StrCat(TextOf(container, "name"), ": ", why));
    }
  }
  if (choice.containers.empty()) {
    choice.why_not = "none of its containers is to be watched";
  }
  return choice;
}

}  // namespace gatewatch::iac
