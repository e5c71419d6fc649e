// What arch/arm64's own header defines before it includes this one.
#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_SYS_CLONE3
#include <asm-generic/unistd.h>

#include "tests/unit/probes/syscall_numbers.h"

namespace gatewatch::testing {

const NamedNumber kGenericSyscalls[] = {
#include "tests/unit/probes/syscall_names.inc"
    {nullptr, -1},
};

}  // namespace gatewatch::testing
