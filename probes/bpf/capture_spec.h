#ifndef GATEWATCH_PROBES_BPF_CAPTURE_SPEC_H_
#define GATEWATCH_PROBES_BPF_CAPTURE_SPEC_H_

#include "probes/bpf/abi.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// What the BPF program is to capture of a call, from its row in the table. A
// row that is not observed by its return (exit) gives one that says so.
gw_call_spec CaptureSpecOf(const SyscallRow& row);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_BPF_CAPTURE_SPEC_H_
