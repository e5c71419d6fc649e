#ifndef GATEWATCH_AGENT_CGROUP_PATH_H_
#define GATEWATCH_AGENT_CGROUP_PATH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::agent {

// The container id in the content of a /proc/PID/cgroup, as Docker, Podman,
// containerd, CRI-O and ECS write it, with either version of cgroups; empty
// when there is none. The outermost counts: a workload can make cgroups below
// its own, never above.
std::string ContainerIdFromCgroup(absl::string_view content);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_CGROUP_PATH_H_
