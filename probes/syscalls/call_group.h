#ifndef GATEWATCH_PROBES_SYSCALLS_CALL_GROUP_H_
#define GATEWATCH_PROBES_SYSCALLS_CALL_GROUP_H_

#include "probes/capture_level.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// The group of a call, whatever its arguments: opening a file counts as if it
// were for writing.
CallGroup GroupOf(const SyscallRow& row);

// The argument that tells an open for reading from others; -1: none does. An
// openat2(2), whose flags lie in memory, counts as one for writing.
int OpenFlagsArgument(const SyscallRow& row);

// The flags of which an open for reading has none: O_ACCMODE, O_CREAT, O_TRUNC.
uint32_t WritingFlags();

// The group of this very call.
CallGroup GroupOf(const SyscallRow& row, const RegisterArguments& arguments);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_CALL_GROUP_H_
