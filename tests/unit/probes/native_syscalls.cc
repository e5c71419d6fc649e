#include <asm/unistd.h>

#include "tests/unit/probes/syscall_numbers.h"

namespace gatewatch::testing {

const NamedNumber kNativeSyscalls[] = {
#include "tests/unit/probes/syscall_names.inc"
    {nullptr, -1},
};

}  // namespace gatewatch::testing
