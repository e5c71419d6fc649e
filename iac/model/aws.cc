#include "iac/model/aws.h"

#include <utility>

#include "absl/strings/match.h"

namespace gatewatch::iac {

bool TrustsTasks(const Value& policy) {
  for (const Value& statement : policy.Get("statement").Items()) {
    const Value services = statement.Get("principal").Get("service");
    for (const Text& service : services.AsTexts().value) {
      if (absl::StartsWith(service.value, "ecs-tasks.amazonaws.com")) {
        return true;
      }
    }
  }
  return false;
}

void ReadPolicy(const Value& policy, std::vector<Role::Statement>& statements) {
  for (const Value& value : policy.Get("statement").Items()) {
    statements.push_back({.allows = value.Get("effect").AsText().Is("Allow"),
                          .actions = value.Get("action").AsTexts(),
                          .resources = value.Get("resource").AsTexts(),
                          .place = value.place()});
  }
}

void ReadSecurityRule(const Value& rule, bool ingress, SecurityGroup& group) {
  const SecurityGroup::Rule without_range = {
      .ingress = ingress,
      .protocol = rule.Get({"ipProtocol", "protocol"}).AsText(),
      .from = rule.Get("fromPort").AsNumber(),
      .to = rule.Get("toPort").AsNumber(),
      .place = rule.place()};
  for (const char* name :
       {"cidrIp", "cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks"}) {
    for (const Text& range : rule.Get(name).AsTexts().value) {
      SecurityGroup::Rule with_range = without_range;
      with_range.range = range;
      group.rules.push_back(std::move(with_range));
    }
  }
}

void ReadEksCluster(const Value& value, const std::string& object,
                    Model& model) {
  EksCluster cluster;
  cluster.subject = {object, ""};
  cluster.place = value.place();
  const Value vpc = value.Get({"resourcesVpcConfig", "vpcConfig"});
  cluster.public_endpoint = vpc.Get("endpointPublicAccess").AsFlag();
  cluster.public_ranges = vpc.Get("publicAccessCidrs").AsTexts();
  const Value key = value.Get("encryptionConfig");
  cluster.secrets_key =
      key.Items().empty() ? Presence::kAbsent : key.presence();
  cluster.logs = value.Get("enabledClusterLogTypes").AsTexts();
  const Value types =
      value.Get("logging").Get("clusterLogging").Get("enabledTypes");
  if (!types.absent()) {
    cluster.logs = {types.presence(), {}, types.place()};
    for (const Value& type : types.Items()) {
      cluster.logs.value.push_back(type.Get("type").AsText());
    }
  }
  model.eks_clusters.push_back(std::move(cluster));
}

}  // namespace gatewatch::iac
