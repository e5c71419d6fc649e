#include "iac/model/cloudformation.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "iac/model/aws.h"
#include "iac/model/cloudformation_dialect.h"
#include "iac/model/ecs.h"
#include "iac/model/value.h"

namespace gatewatch::iac {
namespace {

struct Resource {
  std::string id;
  std::string object;  // as findings name it
  Value properties;
};

// "${Role}" and "${Role.Arn}" both refer to the resource Role.
bool RefersTo(const Text& text, const std::string& id) {
  return absl::StartsWith(text.value, absl::StrCat("${", id, "}")) ||
         absl::StartsWith(text.value, absl::StrCat("${", id, "."));
}

void ReadTask(const Resource& resource, Model& model) {
  const Value& properties = resource.properties;
  ReadTaskDefinition(properties, properties.Get("containerDefinitions"),
                     resource.object, model);
}

void ReadEcsService(const Resource& resource, Model& model) {
  ReadService(resource.properties, resource.object, model);
}

void ReadEcsCluster(const Resource& resource, Model& model) {
  ReadCluster(resource.properties, resource.object, model);
}

void ReadEks(const Resource& resource, Model& model) {
  ReadEksCluster(resource.properties, resource.object, model);
}

void ReadRole(const Resource& resource, Model& model) {
  const Value& properties = resource.properties;
  Role role;
  role.subject = {resource.object, ""};
  role.place = properties.place();
  role.id = resource.id;
  role.for_tasks = TrustsTasks(properties.Get("assumeRolePolicyDocument"));
  role.managed_policies = properties.Get("managedPolicyArns").AsTexts();
  for (const Value& policy : properties.Get("policies").Items()) {
    ReadPolicy(policy.Get("policyDocument"), role.statements);
  }
  model.roles.push_back(std::move(role));
}

// A policy on its own, for roles which it names.
void ReadRolePolicy(const Resource& resource, Model& model) {
  const Value& properties = resource.properties;
  for (const Text& name : properties.Get("roles").AsTexts().value) {
    const auto role = absl::c_find_if(
        model.roles, [&](const Role& each) { return RefersTo(name, each.id); });
    if (role == model.roles.end()) continue;
    ReadPolicy(properties.Get("policyDocument"), role->statements);
  }
}

void ReadGroup(const Resource& resource, Model& model) {
  SecurityGroup group{.subject = {resource.object, ""}, .id = resource.id};
  for (const Value& rule :
       resource.properties.Get("securityGroupIngress").Items()) {
    ReadSecurityRule(rule, true, group);
  }
  for (const Value& rule :
       resource.properties.Get("securityGroupEgress").Items()) {
    ReadSecurityRule(rule, false, group);
  }
  model.security_groups.push_back(std::move(group));
}

// A rule on its own becomes a group of its own, known by its group's name.
void ReadGroupRule(const Resource& resource, bool ingress, Model& model) {
  SecurityGroup group{.subject = {resource.object, ""}};
  const Text of = resource.properties.Get("groupId").AsText();
  for (const SecurityGroup& other : model.security_groups) {
    if (RefersTo(of, other.id)) group.id = other.id;
  }
  ReadSecurityRule(resource.properties, ingress, group);
  model.security_groups.push_back(std::move(group));
}

void ReadIngress(const Resource& resource, Model& model) {
  ReadGroupRule(resource, true, model);
}

void ReadEgress(const Resource& resource, Model& model) {
  ReadGroupRule(resource, false, model);
}

struct Row {
  absl::string_view type;
  void (*read)(const Resource&, Model&);
};

// What others refer to comes before those.
constexpr Row kRows[] = {
    {"AWS::IAM::Role", ReadRole},
    {"AWS::IAM::Policy", ReadRolePolicy},
    {"AWS::EC2::SecurityGroup", ReadGroup},
    {"AWS::EC2::SecurityGroupIngress", ReadIngress},
    {"AWS::EC2::SecurityGroupEgress", ReadEgress},
    {"AWS::ECS::TaskDefinition", ReadTask},
    {"AWS::ECS::Service", ReadEcsService},
    {"AWS::ECS::TaskSet", ReadEcsService},
    {"AWS::ECS::Cluster", ReadEcsCluster},
    {"AWS::EKS::Cluster", ReadEks},
};

void ReadMetadata(const Value& metadata, const Subject& subject,
                  const Span& scope, Model& model) {
  for (const Value& item : metadata.Get("gatewatch").Get("ignore").Items()) {
    model.suppressions.push_back({.check = item.Get("check").AsText().value,
                                  .reason = item.Get("reason").AsText().value,
                                  .subject = subject,
                                  .scope = scope,
                                  .place = item.place()});
  }
}

// "TaskDefinition Web" for an AWS::ECS::TaskDefinition.
std::string ObjectName(absl::string_view type, absl::string_view id) {
  const size_t colon = type.rfind(':');
  if (colon != absl::string_view::npos) type.remove_prefix(colon + 1);
  return absl::StrCat(type, " ", id);
}

}  // namespace

bool IsCloudFormation(const Node& root) {
  if (root.Find("AWSTemplateFormatVersion") != nullptr) return true;
  const Node* resources = root.Find("Resources");
  return resources != nullptr &&
         absl::c_any_of(resources->members, [](const Node::Member& member) {
           const Node* type = member.value.Find("Type");
           return type != nullptr && absl::StrContains(type->text, "::");
         });
}

absl::StatusOr<Model> ReadCloudFormation(const Node& root) {
  const Node* resources = root.Find("Resources");
  if (resources == nullptr || resources->kind != Node::Kind::kMapping) {
    return absl::InvalidArgumentError(
        absl::StrCat(root.span.line, ":", root.span.column,
                     ": a template without a mapping Resources"));
  }
  const Dialect& dialect = CloudFormationDialect();
  Model model{.kind = InputKind::kCloudFormation};
  ReadMetadata(Value(root, dialect).Get("Metadata"), {}, root.span, model);
  for (const auto& [id, value] : Value(*resources, dialect).Members()) {
    const std::string object = ObjectName(value.Get("Type").AsText().value, id);
    ReadMetadata(value.Get("Metadata"), {object, ""}, {}, model);
  }
  for (const Row& row : kRows) {
    for (const auto& [id, value] : Value(*resources, dialect).Members()) {
      if (!value.Get("Type").AsText().Is(std::string(row.type))) continue;
      row.read({id, ObjectName(row.type, id), value.Get("Properties")}, model);
    }
  }
  return model;
}

}  // namespace gatewatch::iac
