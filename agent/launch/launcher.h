#ifndef GATEWATCH_AGENT_LAUNCH_LAUNCHER_H_
#define GATEWATCH_AGENT_LAUNCH_LAUNCHER_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "probes/syscalls/table.h"

namespace gatewatch::agent {

struct Launch {
  const char* agent_socket;                   // abstract name; see handover.h
  char* const* command;                       // argv, ends with a null pointer
  absl::Span<const probes::SyscallRow> rows;  // the calls to observe
};

// Puts the calling process under observation and makes it the command: the
// process keeps its pid, its parent and its descriptors, so there is nothing
// to forward and no status to pass on. A copy of it stays behind as the
// keeper of the listener, in a session of its own, holding none of the
// command's descriptors, and not seen by the command's wait(2).
//
// The command starts at once, whether an agent answers or not, and also when
// observation cannot be had; `complain` is then called with the reason.
// Setting up needs no privilege; without CAP_SYS_ADMIN it sets no_new_privs,
// after which set-user-ID programs do not elevate.
//
// Returns only when the command cannot be executed; errno then tells why.
// Requires that the calling process has one thread.
void LaunchCommand(const Launch& launch, void (*complain)(const absl::Status&));

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_LAUNCHER_H_
