#ifndef GATEWATCH_AGENT_TASK_METADATA_H_
#define GATEWATCH_AGENT_TASK_METADATA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::agent {

// What orchestrators say of where we run.
struct TaskMetadata {
  v1::Workload workload;
  std::vector<v1::Container> containers;
};

// Reads the answer of the ECS task metadata endpoint, version 4, to "/task".
// Members that are missing or of the wrong type are left empty;
// INVALID_ARGUMENT when it is not a JSON object or names no task. At most 64
// containers.
absl::StatusOr<TaskMetadata> ParseTaskMetadata(absl::string_view json);

// The service account in a Kubernetes service account token, whose signature
// is not checked; empty when there is none.
std::string ServiceAccountFromToken(absl::string_view token);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_TASK_METADATA_H_
