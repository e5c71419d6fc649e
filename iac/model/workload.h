#ifndef GATEWATCH_IAC_MODEL_WORKLOAD_H_
#define GATEWATCH_IAC_MODEL_WORKLOAD_H_

#include <string>
#include <vector>

#include "iac/model/setting.h"

namespace gatewatch::iac {

// What a finding is about: "Deployment web", "module.api.aws_ecs_service.web";
// and the container in it, if it is about one.
struct Subject {
  std::string object;
  std::string container;

  // "Deployment web, container app"
  std::string Name() const;
};

struct Port {
  Number container;
  Number host;
};

struct Dependency {
  Text container;
  Text condition;
  Span place;
};

struct Mount {
  Text volume;
  Text path;
};

struct Container {
  enum class Role { kMain, kInit, kSidecar, kEphemeral };

  Subject subject;
  Span place;
  Role role = Role::kMain;
  // Our own sidecar, whose permissions are expected.
  bool is_agent = false;
  // Takes other containers' logs, for which it has to be root (FireLens).
  bool is_log_router = false;

  Text image;
  Text version_consistency;
  TextList entry_point;
  TextList command;
  std::vector<NamedText> environment;
  TextList environment_files;  // where they are
  std::vector<NamedText> labels;

  Flag privileged;
  Flag readonly_root;
  Flag allow_escalation;
  Flag run_as_non_root;
  Text user;
  TextList added;    // capabilities, as written
  TextList dropped;  // the same
  TextList security_options;
  Text seccomp;   // Kubernetes: the profile's type
  Text apparmor;  // the same
  Text proc_mount;

  Text log_driver;
  Text log_mode;
  std::vector<NamedText> log_options;

  Text cpu;
  Text memory;            // the hard limit
  TextList health_check;  // its command; probes are present and have none
  Flag essential;
  std::vector<Dependency> depends_on;
  std::vector<Port> ports;
  std::vector<Mount> mounts;
  Presence secrets = Presence::kAbsent;
  // Written settings of this container that Fargate refuses.
  std::vector<NamedText> not_on_fargate;
};

struct Volume {
  std::string name;
  Span place;
  Text host_path;
  Presence efs = Presence::kAbsent;
  Text transit_encryption;
  Text efs_iam;
};

// A task definition or what makes pods.
struct Workload {
  enum class Platform { kEcs, kKubernetes };

  Subject subject;
  Span place;
  Platform platform = Platform::kEcs;
  std::string space;  // Kubernetes: the namespace
  // Known true: it runs on Fargate and nowhere else.
  Flag fargate;
  bool windows = false;
  bool runs_to_completion = false;  // Job, CronJob

  // "host" and "task" mean the same for pods: hostPID, shareProcessNamespace.
  Text pid_mode;
  Text ipc_mode;
  Text network_mode;
  std::vector<NamedText> sysctls;
  Text cpu;
  Text memory;
  Text task_role;
  Text execution_role;
  Flag automount_token;
  Text service_account;
  std::vector<Volume> volumes;
  // Unknown: the containers are decided at deployment.
  Presence has_containers = Presence::kKnown;
  std::vector<Container> containers;
  std::vector<NamedText> not_on_fargate;
};

// Whether a container is our sidecar: by its image, or where the image is only
// decided at deployment, by its name.
bool IsAgent(const std::string& name, const Text& image);

// "gatewatch-agent" of "registry/team/gatewatch-agent:1.0@sha256:…".
std::string ImageBaseName(const std::string& image);

// The agent of a workload; null when there is none.
const Container* AgentOf(const Workload& workload);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_WORKLOAD_H_
