#ifndef GATEWATCH_AGENT_LAUNCH_ATTACH_H_
#define GATEWATCH_AGENT_LAUNCH_ATTACH_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/unique_fd.h"
#include "probes/syscalls/table.h"

namespace gatewatch::agent {

struct Attachment {
  pid_t pid = 0;
  std::string agent_socket;  // abstract name; see handover.h
  // The calls to observe.
  std::vector<probes::SyscallRow> rows;
};

// Puts a running process, all its threads and whatever it starts under
// observation, see probes::Inject for what that does to it and for the
// errors. Where another user's process may not be traced, the calling process
// becomes that user for good (CAP_SETUID, CAP_SETGID), which may trace it
// (ptrace(2)). The keeper of the listener is planted in the process's own
// container, so that not even the end of the agent's container harms the
// workload. Where that cannot be (another network namespace, the first process
// of a pid namespace, a container that may not execute memory files) the
// listener is returned and the caller has to keep it: every observed call of
// the workload waits until it does.
absl::StatusOr<UniqueFd> Attach(const Attachment& attachment);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_ATTACH_H_
