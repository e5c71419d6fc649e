#ifndef GATEWATCH_AGENT_LAUNCH_KEEPER_PROCESS_H_
#define GATEWATCH_AGENT_LAUNCH_KEEPER_PROCESS_H_

#include "agent/launch/shared_slot.h"
#include "base/unique_fd.h"

namespace gatewatch::agent {

// Gives the calling process a descriptor table of its own, should it share
// one. False: that is not permitted here (a container's seccomp profile).
bool LeaveDescriptorTable();

// Makes the calling process the keeper of a listener until no process is
// under its filter any more, then ends it: in a session of its own, holding
// no other descriptor, deaf to all signals but SIGKILL.
// Requires a descriptor table of its own and one thread.
[[noreturn]] void BecomeKeeper(UniqueFd listener, SharedSlot slot,
                               const char* agent_socket);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_KEEPER_PROCESS_H_
