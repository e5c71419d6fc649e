#include "iac/model/read.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/model/cloudformation.h"
#include "iac/model/comments.h"
#include "iac/model/ecs.h"
#include "iac/model/kubernetes.h"
#include "iac/model/terraform.h"
#include "iac/model/unreadable.h"
#include "iac/model/value.h"

namespace gatewatch::iac {
namespace {

bool IsContainerList(const Node& root) {
  return root.kind == Node::Kind::kSequence && !root.items.empty() &&
         absl::c_all_of(root.items, [](const Node& item) {
           return item.FindEitherCase("image") != nullptr &&
                  item.FindEitherCase("name") != nullptr;
         });
}

bool HasContainers(const Node& node) {
  return node.FindEitherCase("containerDefinitions") != nullptr;
}

bool IsTaskDefinition(const Node& root) {
  if (HasContainers(root) || IsContainerList(root)) return true;
  const Node* described = root.FindEitherCase("taskDefinition");
  return described != nullptr && HasContainers(*described);
}

absl::StatusOr<Model> ReadTask(const Node& root) {
  Model model{.kind = InputKind::kTaskDefinition};
  const Value value(root, LooseDialect());
  if (IsContainerList(root)) {
    // What is around the list is elsewhere.
    ReadTaskDefinition(Value::Unknown(root.span), value, "container list",
                       model);
    return model;
  }
  const Value described = value.Get("taskDefinition");
  const bool inside = !HasContainers(root);
  const Value definition = inside ? described : value;
  const std::string family = definition.Get("family").AsText().value;
  const std::string object =
      absl::StrCat("task definition", family.empty() ? "" : " ", family);
  ReadTaskDefinition(definition, definition.Get("containerDefinitions"), object,
                     model);
  if (inside) ReadTags(value.Get("tags"), object, model);
  return model;
}

struct Row {
  bool (*is)(const Node&);
  absl::StatusOr<Model> (*read)(const Node&);
};

constexpr Row kRows[] = {{IsTerraformPlan, ReadTerraformPlan},
                         {IsCloudFormation, ReadCloudFormation},
                         {IsTaskDefinition, ReadTask}};

absl::Status ReadDocument(const Node& root, std::vector<Model>& models,
                          Model& kubernetes) {
  if (IsKubernetes(root)) {
    ReadKubernetes(root, kubernetes);
    return absl::OkStatus();
  }
  const auto row =
      absl::c_find_if(kRows, [&](const Row& each) { return each.is(root); });
  if (row == std::end(kRows)) return absl::OkStatus();
  auto model = row->read(root);
  if (model.ok()) models.push_back(*std::move(model));
  return model.status();
}

}  // namespace

absl::StatusOr<std::vector<Model>> ReadModels(const std::string& name,
                                              std::string bytes) {
  const Looks looks = LooksOf(bytes);
  const auto file = SourceFile::Parse(name, std::move(bytes));
  if (!file.ok()) {
    if (!looks.like_ours) return std::vector<Model>();
    return Unreadable(file.status(), looks);
  }
  std::vector<Model> models;
  Model kubernetes{.kind = InputKind::kKubernetes};
  bool is_kubernetes = false;
  for (const Document& document : file->documents) {
    is_kubernetes |= IsKubernetes(document.root);
    const auto status = ReadDocument(document.root, models, kubernetes);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ":", status.message()));
    }
  }
  if (is_kubernetes) models.push_back(std::move(kubernetes));
  if (!models.empty()) {
    // Comments are the file's; each model sees those in its documents' places.
    const std::vector<Suppression> wishes = SuppressionsInComments(*file);
    for (Model& model : models) {
      model.suppressions.insert(model.suppressions.end(), wishes.begin(),
                                wishes.end());
    }
  }
  return models;
}

}  // namespace gatewatch::iac
