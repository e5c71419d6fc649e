#ifndef GATEWATCH_IAC_INJECT_OPTIONS_H_
#define GATEWATCH_IAC_INJECT_OPTIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "iac/inject/image_config.h"

namespace gatewatch::iac {

struct InjectOptions {
  enum class Mode {
    kSidecar,  // a container beside the others, which attaches to them
    kLaunch,   // that, and the others' commands start through the launcher
  };
  enum class WaitFor { kNothing, kStart, kHealthy };
  using Pair = std::pair<std::string, std::string>;
  using Pairs = std::vector<Pair>;

  std::string image;  // of the agent
  Mode mode = Mode::kSidecar;
  WaitFor wait_for = WaitFor::kStart;  // ECS: what the others depend on
  Pairs environment;                   // of the agent
  // ECS: name and ARN; Kubernetes: name and SECRET/KEY.
  Pairs secrets;
  std::string log_group;   // ECS: awslogs; empty: as the application logs
  std::string log_region;  // empty: CloudFormation's own
  bool on_nodes = false;   // Kubernetes: on EC2, where SYS_PTRACE is allowed
  bool opt_in = false;     // only what bears gatewatch.inject: true
  std::vector<std::string> include;  // containers; empty: all
  std::vector<std::string> exclude;
  bool strict = false;  // warnings are errors
  ImageConfigs images;  // kLaunch
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_OPTIONS_H_
