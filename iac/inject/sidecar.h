#ifndef GATEWATCH_IAC_INJECT_SIDECAR_H_
#define GATEWATCH_IAC_INJECT_SIDECAR_H_

#include <optional>
#include <string>

#include "iac/edit/snippet.h"
#include "iac/inject/options.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// The containers that inject inserts: THE template. The examples in
// task-definitions/ hold the same.

// The agent's. `record` is what it has to remember of the other edits; `log`
// is the logConfiguration of an ECS container, if it is to have one.
Snippet AgentContainer(const Target& target, const InjectOptions& options,
                       const std::string& record,
                       const std::optional<Snippet>& log);

// The one that puts the launcher into the shared volume, and ends.
Snippet LauncherContainer(const Target& target, const InjectOptions& options,
                          const std::optional<Snippet>& log);

// A logConfiguration with the driver awslogs, as the options ask for.
Snippet AwsLogs(const Target& target, const InjectOptions& options);

// What a container that is to be launched mounts, and where from.
Snippet LauncherMount(const Target& target);
Snippet LauncherVolume(const Target& target);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_SIDECAR_H_
