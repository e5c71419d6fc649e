#ifndef GATEWATCH_PROBES_SYSCALLS_ARGUMENT_TEST_H_
#define GATEWATCH_PROBES_SYSCALLS_ARGUMENT_TEST_H_

#include "probes/syscalls/decoder.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// Whether a call with these arguments is to be observed: what the filter
// decides in the kernel, for probes that see every call.
bool Holds(const ArgumentTest& test, const RegisterArguments& arguments);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_ARGUMENT_TEST_H_
