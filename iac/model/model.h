#ifndef GATEWATCH_IAC_MODEL_MODEL_H_
#define GATEWATCH_IAC_MODEL_MODEL_H_

#include <string>
#include <vector>

#include "iac/model/setting.h"
#include "iac/model/workload.h"

namespace gatewatch::iac {

// An ECS service or task set.
struct Service {
  Subject subject;
  Span place;
  Flag public_address;
  Text platform_version;
  Flag exec;
  TextList security_groups;
};

struct EcsCluster {
  Subject subject;
  Span place;
  Text insights;
  Presence exec = Presence::kAbsent;  // whether it configures ECS Exec
  Text exec_logging;
  Text exec_key;
};

struct EksCluster {
  Subject subject;
  Span place;
  Flag public_endpoint;
  TextList public_ranges;
  Presence secrets_key = Presence::kAbsent;
  TextList logs;
};

struct SecurityGroup {
  struct Rule {
    bool ingress = false;
    Text range;
    Text protocol;
    Number from;
    Number to;
    Span place;
  };
  Subject subject;
  std::string id;  // as others refer to it
  std::vector<Rule> rules;
};

// An IAM role.
struct Role {
  struct Statement {
    bool allows = false;
    TextList actions;
    TextList resources;
    Span place;
  };
  Subject subject;
  Span place;
  std::string id;          // as others refer to it
  bool for_tasks = false;  // ECS tasks may assume it
  TextList managed_policies;
  std::vector<Statement> statements;
};

struct ServiceAccount {
  std::string name;
  std::string space;
  Flag automount_token;
};

// A Kubernetes role given to subjects throughout the cluster.
struct ClusterBinding {
  Subject subject;
  Span place;
  Text role;
};

// A wish, written into the file, that a check be silent: about one subject,
// or, when that is empty, within a part of the file.
struct Suppression {
  std::string check;   // as written
  std::string reason;  // empty: the wish is not granted
  Subject subject;
  Span scope;
  Span place;
};

enum class InputKind {
  kTaskDefinition,
  kCloudFormation,
  kTerraformPlan,
  kKubernetes
};

// What the documents of one kind in a file declare.
struct Model {
  InputKind kind = InputKind::kTaskDefinition;
  std::vector<Workload> workloads;
  std::vector<Service> services;
  std::vector<EcsCluster> ecs_clusters;
  std::vector<EksCluster> eks_clusters;
  std::vector<SecurityGroup> security_groups;
  std::vector<Role> roles;
  std::vector<ServiceAccount> service_accounts;
  std::vector<ClusterBinding> cluster_bindings;
  std::vector<Suppression> suppressions;
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_MODEL_H_
