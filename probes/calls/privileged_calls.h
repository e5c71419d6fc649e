#ifndef GATEWATCH_PROBES_CALLS_PRIVILEGED_CALLS_H_
#define GATEWATCH_PROBES_CALLS_PRIVILEGED_CALLS_H_

#include <optional>

#include "probes/calls/call_describer.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// Describe() for the calls that act on other processes, namespaces, mounts,
// executable memory and the kernel's own interfaces. Who may not make them is
// as telling as who may: an attempt is described whatever it will come to.
// Empty for what a process does to itself: signals, reads of its own memory.
//
// A pid is given as the caller passed it. In a pid namespace below the
// observer's it is therefore the inner one.
std::optional<Detail> DescribePrivileged(const ProcReader& proc,
                                         const SyscallRow& row,
                                         LocatedCall located,
                                         const Caller& caller);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_PRIVILEGED_CALLS_H_
