#ifndef GATEWATCH_AGENT_LAUNCH_HANDOVER_H_
#define GATEWATCH_AGENT_LAUNCH_HANDOVER_H_

// What a keeper sends to an agent: one message on an abstract unix socket of
// type SOCK_SEQPACKET, with the listener and the memory of its NotifySlot as
// descriptors (SCM_RIGHTS). The agent answers one byte when it observes. From
// then on the agent answers the calls, until either side closes the socket.
// Calls that the keeper answered after the handover was sent and before it was
// taken follow in a second message without descriptors.
// The two programs may be of different versions: the layout only grows.

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::agent {

struct Handover {
  static constexpr uint32_t kMagic = 0x47574c31;  // "GWL1"
  static constexpr uint32_t kVersion = 1;
  static constexpr size_t kCountLimit = 64;

  struct Count {
    int32_t syscall = 0;  // number
    uint32_t padding = 0;
    uint64_t count = 0;
  };

  uint32_t magic = kMagic;
  uint32_t version = kVersion;
  // Calls that the keeper answered while nobody observed, and when: Unix
  // nanoseconds. Only the first `count_entries` are used.
  uint64_t absent_since_ns = 0;
  uint64_t absent_until_ns = 0;
  uint32_t count_entries = 0;
  uint32_t padding = 0;
  std::array<Count, kCountLimit> counts;
};

inline constexpr char kHandoverTaken = '+';

// Connects to the abstract socket `name`; never waits. An invalid fd: nobody
// listens, or somebody who is neither root nor this process's user, and so
// must not get hold of a listener.
UniqueFd ConnectToAgent(const char* name);

// Listens on it. FailedPrecondition when the name is taken.
absl::StatusOr<UniqueFd> ListenForLaunchers(const char* name);

// False when the agent is gone. Allocate nothing.
bool SendHandover(int socket, const Handover& handover, int listener,
                  int slot_memory);
bool SendAbsence(int socket, const Handover& handover);

struct ReceivedHandover {
  Handover handover;
  UniqueFd listener;
  UniqueFd slot_memory;
};

// InvalidArgument when the peer sent anything but a handover; the descriptors
// are what they claim to be: a seccomp listener, and memory of the right size
// that cannot shrink.
absl::StatusOr<ReceivedHandover> ReceiveHandover(int socket);

// What comes after the handover. InvalidArgument when it is anything else, or
// the end.
absl::StatusOr<Handover> ReceiveAbsence(int socket);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_HANDOVER_H_
