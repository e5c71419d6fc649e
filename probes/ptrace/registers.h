#ifndef GATEWATCH_PROBES_PTRACE_REGISTERS_H_
#define GATEWATCH_PROBES_PTRACE_REGISTERS_H_

#include <sys/ptrace.h>
#include <sys/user.h>

#include <cstdint>

#include "probes/syscalls/decoder.h"

namespace gatewatch::probes {

// The one place that knows the registers of a system call.

enum class Moment { kEntry, kExit };

// Where a thread is in its program. No thread is at the default.
struct Place {
  uint64_t instruction = 0;
  uint64_t stack = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// A tracee at the entry or the exit of a call.
struct TracedCall {
  Moment moment = Moment::kEntry;
  bool native = false;               // kEntry: not a 32-bit or x32 call
  int number = -1;                   // kEntry
  RegisterArguments arguments = {};  // kEntry
  int64_t result = 0;                // kExit; negative: -errno
  Place place;
};

// What the kernel says of itself (PTRACE_GET_SYSCALL_INFO, Linux 5.3).
TracedCall CallOf(const __ptrace_syscall_info& info);

// What the registers say, on kernels without that. They do not tell an entry
// from an exit; nor, on x86-64, a 32-bit call that a 64-bit program makes
// (int 0x80).
TracedCall CallOf(const user_regs_struct& registers, Moment moment);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_REGISTERS_H_
