#include "iac/model/terraform.h"

#include <deque>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/model/terraform_resources.h"
#include "iac/model/value.h"

namespace gatewatch::iac {
namespace {

absl::Status Error(const Node& node, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(node.span.line, ":", node.span.column, ": ", what));
}

std::string TextOf(const Node& node, absl::string_view key) {
  const Node* value = node.Find(key);
  return value == nullptr ? "" : value->text;
}

// The resources as they will be, each once.
class Resources {
 public:
  // Of the list of changes.
  absl::Status AddChanges(const Node& changes) {
    if (changes.kind != Node::Kind::kSequence) {
      return Error(changes, "resource_changes is no list");
    }
    for (const Node& change : changes.items) {
      const Node* what = change.Find("change");
      const Node* after = what == nullptr ? nullptr : what->Find("after");
      if (after == nullptr) {
        return Error(change, "a change that does not say what comes after it");
      }
      const std::string address = TextOf(change, "address");
      seen_.insert(address);
      if (after->IsNull()) continue;  // will be destroyed
      all_.push_back(
          {TextOf(change, "type"), address,
           Value(*after, LooseDialect(), what->Find("after_unknown"))});
    }
    return absl::OkStatus();
  }

  // Of a module and those below it.
  void AddModule(const Node& module) {
    if (const Node* resources = module.Find("resources")) {
      for (const Node& resource : resources->items) {
        const Node* values = resource.Find("values");
        const std::string address = TextOf(resource, "address");
        if (values == nullptr || !seen_.insert(address).second) continue;
        all_.push_back({TextOf(resource, "type"), address,
                        Value(*values, LooseDialect())});
      }
    }
    if (const Node* children = module.Find("child_modules")) {
      for (const Node& child : children->items) AddModule(child);
    }
  }

  const std::vector<TerraformResource>& all() const { return all_; }

 private:
  absl::flat_hash_set<std::string> seen_;
  std::vector<TerraformResource> all_;
};

}  // namespace

bool IsTerraformPlan(const Node& root) {
  return root.Find("terraform_version") != nullptr ||
         (root.Find("format_version") != nullptr &&
          (root.Find("planned_values") != nullptr ||
           root.Find("resource_changes") != nullptr));
}

absl::StatusOr<Model> ReadTerraformPlan(const Node& root) {
  Resources resources;
  const Node* changes = root.Find("resource_changes");
  if (changes != nullptr) {
    if (const auto status = resources.AddChanges(*changes); !status.ok()) {
      return status;
    }
  }
  bool values = changes != nullptr;
  for (const char* key : {"planned_values", "values"}) {
    const Node* planned = root.Find(key);
    const Node* module =
        planned == nullptr ? nullptr : planned->Find("root_module");
    if (module == nullptr) continue;
    resources.AddModule(*module);
    values = true;
  }
  if (!values) {
    return Error(root,
                 "neither a plan nor a state as `terraform show -json` prints");
  }
  return ReadTerraformResources(resources.all());
}

}  // namespace gatewatch::iac
