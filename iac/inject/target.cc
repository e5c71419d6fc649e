#include "iac/inject/target.h"

#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::iac {
namespace {

constexpr absl::string_view kTaskType = "AWS::ECS::TaskDefinition";
constexpr absl::string_view kServiceType = "AWS::ECS::Service";

// Where a Kubernetes kind keeps its pods' metadata and spec.
struct PodPlace {
  absl::string_view kind;
  std::array<absl::string_view, 3> path;  // empty: not that deep
};

constexpr PodPlace kPodPlaces[] = {
    {"Pod", {}},
    {"Deployment", {"spec", "template"}},
    {"StatefulSet", {"spec", "template"}},
    {"DaemonSet", {"spec", "template"}},
    {"ReplicaSet", {"spec", "template"}},
    {"ReplicationController", {"spec", "template"}},
    {"Job", {"spec", "template"}},
    {"CronJob", {"spec", "jobTemplate", "spec"}},
};

bool IsSequence(const Node* node) {
  return node != nullptr && node->kind == Node::Kind::kSequence;
}

std::string TextOf(const Node& mapping, absl::string_view key) {
  const Node* node = mapping.FindEitherCase(key);
  return node == nullptr ? "" : node->text;
}

std::string Place(const SourceFile& file, const Node& node) {
  return absl::StrCat(file.name, ":", node.span.line, ":", node.span.column);
}

// What a person sees at a glance.
std::string Describe(const Node& root) {
  if (root.kind == Node::Kind::kSequence) {
    return absl::StrCat("a list of ", root.items.size(), " values");
  }
  if (root.kind == Node::Kind::kScalar) return "a single value";
  if (root.Find("planned_values") != nullptr) {
    return "a Terraform plan, which is made anew from its sources: give the "
           "JSON of container_definitions instead";
  }
  std::string keys;
  for (size_t i = 0; i < root.members.size() && i < 5; ++i) {
    absl::StrAppend(&keys, i == 0 ? "" : ", ", root.members[i].key.text);
  }
  return absl::StrCat("a mapping with the keys: ", keys,
                      root.members.size() > 5 ? ", …" : "");
}

class Finder {
 public:
  explicit Finder(const SourceFile& file) : file_(file) {}

  absl::StatusOr<std::vector<Target>> Find() {
    for (const Document& document : file_.documents) {
      if (absl::Status status = Look(document.root); !status.ok()) {
        return status;
      }
    }
    if (known_) return std::move(targets_);
    return absl::InvalidArgumentError(absl::StrCat(
        file_.name,
        ": neither an ECS task definition, a CloudFormation template, "
        "Terraform's container_definitions nor a Kubernetes manifest, but ",
        file_.documents.empty() ? "empty" : Describe(file_.documents[0].root)));
  }

 private:
  absl::Status Look(const Node& root) {
    if (root.FindEitherCase("containerDefinitions") != nullptr) {
      return AddTask(root, TextOf(root, "family"));
    }
    if (const Node* resources = root.Find("Resources")) {
      return LookAtTemplate(*resources);
    }
    if (root.Find("apiVersion") != nullptr && root.Find("kind") != nullptr) {
      return LookAtManifest(root);
    }
    if (LooksLikeContainers(root)) {
      known_ = true;
      targets_.push_back({.shape = Target::Shape::kList,
                          .name = "container_definitions",
                          .containers = &root});
    }
    return absl::OkStatus();
  }

  static bool LooksLikeContainers(const Node& root) {
    return IsSequence(&root) && !root.items.empty() &&
           absl::c_all_of(root.items, [](const Node& item) {
             return item.Find("name") != nullptr &&
                    item.Find("image") != nullptr;
           });
  }

  absl::Status AddTask(const Node& task, const std::string& name) {
    known_ = true;
    const Node* containers = task.FindEitherCase("containerDefinitions");
    if (!IsSequence(containers) || !containers->tag.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          Place(file_, containers == nullptr ? task : *containers),
          ": the container definitions are no list; write the list itself"));
    }
    targets_.push_back({.shape = Target::Shape::kTask,
                        .name = name.empty() ? "task definition" : name,
                        .pascal = task.Find("ContainerDefinitions") != nullptr,
                        .holder = &task,
                        .containers = containers});
    return absl::OkStatus();
  }

  absl::Status LookAtTemplate(const Node& resources) {
    known_ = true;
    for (const Node::Member& resource : resources.members) {
      if (TextOf(resource.value, "Type") != kTaskType) continue;
      const Node* properties = resource.value.Find("Properties");
      if (properties == nullptr ||
          properties->Find("ContainerDefinitions") == nullptr) {
        continue;
      }
      absl::Status status = AddTask(*properties, resource.key.text);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status LookAtManifest(const Node& root) {
    known_ = true;
    const std::string kind = TextOf(root, "kind");
    if (kind == "List") {
      const Node* items = root.Find("items");
      for (const Node& item : items == nullptr ? kNone : items->items) {
        absl::Status status = LookAtManifest(item);
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    }
    for (const PodPlace& place : kPodPlaces) {
      if (place.kind == kind) return AddPod(root, place);
    }
    return absl::OkStatus();
  }

  absl::Status AddPod(const Node& root, const PodPlace& place) {
    const Node* pod = &root;
    for (const absl::string_view step : place.path) {
      if (pod != nullptr && !step.empty()) pod = pod->Find(step);
    }
    if (place.kind == "CronJob" && pod != nullptr) pod = pod->Find("template");
    const Node* spec = pod == nullptr ? nullptr : pod->Find("spec");
    const Node* containers =
        spec == nullptr ? nullptr : spec->Find("containers");
    const Node* metadata = root.Find("metadata");
    const std::string name = absl::StrCat(
        place.kind, "/", metadata == nullptr ? "" : TextOf(*metadata, "name"));
    if (!IsSequence(containers)) {
      return absl::InvalidArgumentError(absl::StrCat(
          Place(file_, root), ": ", name, " has no list of containers"));
    }
    Target target{.shape = Target::Shape::kPod,
                  .name = name,
                  .holder = spec,
                  .containers = containers,
                  .on_each_node = place.kind == "DaemonSet"};
    for (const Node* each : {pod->Find("metadata"), metadata}) {
      if (each != nullptr) target.metadata.push_back(each);
    }
    targets_.push_back(std::move(target));
    return absl::OkStatus();
  }

  static const std::vector<Node> kNone;

  const SourceFile& file_;
  bool known_ = false;
  std::vector<Target> targets_;
};

const std::vector<Node> Finder::kNone;

}  // namespace

const Node* FindNamed(const Node* list, absl::string_view name) {
  if (list == nullptr) return nullptr;
  if (list->kind == Node::Kind::kMapping) return list->Find(name);
  for (const Node& item : list->items) {
    const Node* key = item.FindEitherCase("name");
    if (key == nullptr) key = item.FindEitherCase("key");
    if (key != nullptr && key->text == name) {
      return item.FindEitherCase("value");
    }
  }
  return nullptr;
}

absl::StatusOr<std::vector<Target>> FindTargets(const SourceFile& file) {
  return Finder(file).Find();
}

bool AllowsEcsExec(const SourceFile& file) {
  for (const Document& document : file.documents) {
    const Node* resources = document.root.Find("Resources");
    if (resources == nullptr) continue;
    for (const Node::Member& resource : resources->members) {
      const Node* properties = resource.value.Find("Properties");
      if (TextOf(resource.value, "Type") == kServiceType &&
          properties != nullptr &&
          TextOf(*properties, "EnableExecuteCommand") == "true") {
        return true;
      }
    }
  }
  return false;
}

}  // namespace gatewatch::iac
