#ifndef GATEWATCH_IAC_INJECT_TARGET_H_
#define GATEWATCH_IAC_INJECT_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "iac/document.h"

namespace gatewatch::iac {

// Containers that share a task or pod, where they stand in a file. Borrows
// from the file.
struct Target {
  enum class Shape {
    kTask,  // an ECS task definition, keys in either case
    kList,  // its containers alone, as Terraform's container_definitions
    kPod,   // a Kubernetes pod's spec
  };

  Shape shape = Shape::kTask;
  std::string name;                   // for people
  bool pascal = false;                // CloudFormation: ContainerDefinitions
  const Node* holder = nullptr;       // of what follows; null for kList
  const Node* containers = nullptr;   // a sequence
  std::vector<const Node*> metadata;  // kPod: where annotations may be
  bool on_each_node = false;          // kPod: of a DaemonSet
};

// A list of names and values: an ECS list of pairs, or a mapping.
const Node* FindNamed(const Node* list, absl::string_view name);

// All of a file. INVALID_ARGUMENT, saying what the file looks like, when it is
// of no kind that can be injected into.
absl::StatusOr<std::vector<Target>> FindTargets(const SourceFile& file);

// Whether services of a CloudFormation template allow ECS Exec.
bool AllowsEcsExec(const SourceFile& file);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_TARGET_H_
