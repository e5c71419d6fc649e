#ifndef GATEWATCH_PROBES_CALLS_CALL_DESCRIBER_H_
#define GATEWATCH_PROBES_CALLS_CALL_DESCRIBER_H_

#include <sys/types.h>

#include <optional>

#include "absl/status/status.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"
#include "probes/syscalls/decoder.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// Who makes a call. The thread must be waiting in it.
struct Caller {
  pid_t pid = 0;
  pid_t tid = 0;
  int pidfd = -1;  // -1: none
};

// A call whose paths are absolute. Consumes nothing of the process but what
// /proc tells.
struct LocatedCall {
  DecodedCall call;  // path and new_path are absolute
  // As passed, when that differs. An empty text: named by a descriptor.
  std::optional<std::string> raw_path;
  std::optional<std::string> raw_new_path;
};

// Makes the paths of a call absolute. NotFound when the process or the
// directory descriptor is gone.
absl::StatusOr<LocatedCall> Locate(const ProcReader& proc, DecodedCall call,
                                   const SyscallRow& row, const Caller& caller);

// What a call does, from its arguments and a look at the files and sockets
// that they name. Empty when it is no event: it would open, change or execute
// what does not exist. Not for exec and exit, which are more than a call.
std::optional<Detail> Describe(const ProcReader& proc, const SyscallRow& row,
                               LocatedCall located, const Caller& caller);

// Whether the file that an exec names exists.
bool ExecutableExists(const ProcReader& proc, const LocatedCall& located,
                      const Caller& caller);

// A descriptor of the caller; with its addresses when it is a socket.
Descriptor DescribeDescriptor(const ProcReader& proc, const Caller& caller,
                              int fd);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_CALL_DESCRIBER_H_
