#include "iac/model/terraform_resources.h"

#include <deque>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "iac/model/aws.h"
#include "iac/model/ecs.h"

namespace gatewatch::iac {
namespace {

void MoveTo(const Span& place, Node& node) {
  node.span = place;
  for (Node& item : node.items) MoveTo(place, item);
  for (Node::Member& member : node.members) {
    member.key.span = place;
    MoveTo(place, member.value);
  }
}

// Reads the resources of a plan one after the other.
class Reader {
 public:
  absl::StatusOr<Model> Read(const std::vector<TerraformResource>& resources);

 private:
  using Resource = TerraformResource;
  struct Row {
    absl::string_view type;
    void (Reader::*read)(const Resource&);
  };
  static const Row kRows[];

  void ReadTask(const Resource& resource);
  void ReadEcsService(const Resource& resource);
  void ReadEcsCluster(const Resource& resource);
  void ReadEks(const Resource& resource);
  void ReadRole(const Resource& resource);
  void ReadRolePolicy(const Resource& resource);
  void ReadAttachment(const Resource& resource);
  void ReadGroup(const Resource& resource);
  void ReadGroupRule(const Resource& resource);
  void ReadIngress(const Resource& resource);
  void ReadEgress(const Resource& resource);

  // The value that an attribute holds as JSON text.
  Value Json(const Value& attribute);
  Role* FindRole(const Value& name);
  SecurityGroup& NewGroup(const Resource& resource, const Value& id);

  Model model_{.kind = InputKind::kTerraformPlan};
  std::deque<Node> parsed_;  // what values of JSON texts point into
  absl::Status error_;
};

// What others refer to comes before those.
const Reader::Row Reader::kRows[] = {
    {"aws_iam_role", &Reader::ReadRole},
    {"aws_iam_role_policy", &Reader::ReadRolePolicy},
    {"aws_iam_role_policy_attachment", &Reader::ReadAttachment},
    {"aws_security_group", &Reader::ReadGroup},
    {"aws_security_group_rule", &Reader::ReadGroupRule},
    {"aws_vpc_security_group_ingress_rule", &Reader::ReadIngress},
    {"aws_vpc_security_group_egress_rule", &Reader::ReadEgress},
    {"aws_ecs_task_definition", &Reader::ReadTask},
    {"aws_ecs_service", &Reader::ReadEcsService},
    {"aws_ecs_task_set", &Reader::ReadEcsService},
    {"aws_ecs_cluster", &Reader::ReadEcsCluster},
    {"aws_eks_cluster", &Reader::ReadEks},
};

Value Reader::Json(const Value& attribute) {
  const Text text = attribute.AsText();
  if (!text.known() || text.value.empty()) return attribute;
  auto file = SourceFile::Parse("text.json", text.value);
  if (!file.ok()) {
    error_ = absl::InvalidArgumentError(
        absl::StrCat(text.place.line, ":", text.place.column,
                     ": a JSON text that is none: ", file.status().message()));
    return attribute;
  }
  parsed_.push_back(std::move(file->documents[0].root));
  MoveTo(text.place, parsed_.back());
  return Value(parsed_.back(), LooseDialect());
}

void Reader::ReadTask(const Resource& resource) {
  ReadTaskDefinition(resource.values,
                     Json(resource.values.Get("containerDefinitions")),
                     resource.address, model_);
}

void Reader::ReadEcsService(const Resource& resource) {
  ReadService(resource.values, resource.address, model_);
}

void Reader::ReadEcsCluster(const Resource& resource) {
  ReadCluster(resource.values, resource.address, model_);
}

void Reader::ReadEks(const Resource& resource) {
  ReadEksCluster(resource.values, resource.address, model_);
  ReadTags(resource.values.Get("tags"), resource.address, model_);
}

void Reader::ReadRole(const Resource& resource) {
  const Value& values = resource.values;
  Role role;
  role.subject = {resource.address, ""};
  role.place = values.place();
  role.id = values.Get("name").AsText().value;
  role.for_tasks = TrustsTasks(Json(values.Get("assumeRolePolicy")));
  role.managed_policies = values.Get("managedPolicyArns").AsTexts();
  for (const Value& policy : values.Get("inlinePolicy").Items()) {
    ReadPolicy(Json(policy.Get("policy")), role.statements);
  }
  ReadTags(values.Get("tags"), resource.address, model_);
  model_.roles.push_back(std::move(role));
}

Role* Reader::FindRole(const Value& name) {
  const Text id = name.AsText();
  const auto role = absl::c_find_if(
      model_.roles, [&](const Role& each) { return id.Is(each.id); });
  return role == model_.roles.end() ? nullptr : &*role;
}

void Reader::ReadRolePolicy(const Resource& resource) {
  if (Role* role = FindRole(resource.values.Get("role"))) {
    ReadPolicy(Json(resource.values.Get("policy")), role->statements);
  }
}

void Reader::ReadAttachment(const Resource& resource) {
  if (Role* role = FindRole(resource.values.Get("role"))) {
    role->managed_policies.value.push_back(
        resource.values.Get("policyArn").AsText());
  }
}

SecurityGroup& Reader::NewGroup(const Resource& resource, const Value& id) {
  ReadTags(resource.values.Get("tags"), resource.address, model_);
  model_.security_groups.push_back(
      {.subject = {resource.address, ""}, .id = id.AsText().value});
  return model_.security_groups.back();
}

void Reader::ReadGroup(const Resource& resource) {
  const Value& values = resource.values;
  SecurityGroup& group = NewGroup(resource, values.Get("id"));
  for (const Value& rule : values.Get("ingress").Items()) {
    ReadSecurityRule(rule, true, group);
  }
  for (const Value& rule : values.Get("egress").Items()) {
    ReadSecurityRule(rule, false, group);
  }
}

void Reader::ReadGroupRule(const Resource& resource) {
  const Value& values = resource.values;
  ReadSecurityRule(values, values.Get("type").AsText().Is("ingress"),
                   NewGroup(resource, values.Get("securityGroupId")));
}

void Reader::ReadIngress(const Resource& resource) {
  const Value& values = resource.values;
  ReadSecurityRule(values, true,
                   NewGroup(resource, values.Get("securityGroupId")));
}

void Reader::ReadEgress(const Resource& resource) {
  const Value& values = resource.values;
  ReadSecurityRule(values, false,
                   NewGroup(resource, values.Get("securityGroupId")));
}

absl::StatusOr<Model> Reader::Read(const std::vector<Resource>& resources) {
  for (const Row& row : kRows) {
    for (const Resource& resource : resources) {
      if (resource.type == row.type) (this->*row.read)(resource);
    }
  }
  if (!error_.ok()) return error_;
  return std::move(model_);
}

}  // namespace

absl::StatusOr<Model> ReadTerraformResources(
    const std::vector<TerraformResource>& resources) {
  return Reader().Read(resources);
}

}  // namespace gatewatch::iac
