#ifndef GATEWATCH_PROBES_SECCOMP_FILTER_H_
#define GATEWATCH_PROBES_SECCOMP_FILTER_H_

#include <linux/filter.h>

#include <vector>

#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// What happens to an observed call.
enum class FilterAction {
  kNotify,  // it waits for the listener's answer
  kTrace,   // it stops for the tracer, and fails with ENOSYS without one
};

// The seccomp program (seccomp(2), classic BPF) that holds the calls in `rows`
// that every rung observes and whose argument tests hold, and lets every other
// call pass. Calls of another architecture (32-bit, x32) pass unseen.
std::vector<sock_filter> BuildFilter(
    absl::Span<const SyscallRow> rows, Architecture architecture,
    FilterAction action = FilterAction::kNotify);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_FILTER_H_
