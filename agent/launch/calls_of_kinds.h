#ifndef GATEWATCH_AGENT_LAUNCH_CALLS_OF_KINDS_H_
#define GATEWATCH_AGENT_LAUNCH_CALLS_OF_KINDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "probes/syscalls/table.h"

namespace gatewatch::agent {

// The calls of the table that lead to events of the kinds in `list`, which are
// separated by commas, and always those by which processes are followed: exec,
// exit, credentials. All calls when the list is empty. Kinds that no call
// leads to are ignored.
std::vector<probes::SyscallRow> CallsOfKinds(absl::string_view list);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_CALLS_OF_KINDS_H_
