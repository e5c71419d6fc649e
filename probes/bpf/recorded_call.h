#ifndef GATEWATCH_PROBES_BPF_RECORDED_CALL_H_
#define GATEWATCH_PROBES_BPF_RECORDED_CALL_H_

#include <optional>

#include "absl/status/statusor.h"
#include "probes/bpf/record.h"
#include "probes/calls/call_describer.h"
#include "probes/observation.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// As Locate() and Describe() of call_describer.h, of a call that has returned:
// what they would look up of the waiting process is taken from the record.
// Only what a call does to another process is still looked for in /proc.

// Internal when the record lacks what an argument points to.
absl::StatusOr<LocatedCall> LocateRecorded(const SyscallRow& row,
                                           const Record& record);

std::optional<Detail> DescribeRecorded(const SyscallRow& row,
                                       const Record& record,
                                       LocatedCall located);

Outcome RecordedOutcome(const Record& record);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_BPF_RECORDED_CALL_H_
