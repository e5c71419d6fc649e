#ifndef GATEWATCH_PROBES_PTRACE_SEIZE_TREE_H_
#define GATEWATCH_PROBES_PTRACE_SEIZE_TREE_H_

#include <sys/types.h>

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "probes/procfs/proc_reader.h"
#include "probes/ptrace/tracer.h"

namespace gatewatch::probes {

struct SeizedTree {
  std::vector<pid_t> processes;  // each after its parent
  std::vector<pid_t> threads;    // of all of them
};

// The threads of a process, as /proc lists them just now.
std::vector<pid_t> ThreadsOf(pid_t pid);

// Seizes all threads of process `root` and of its descendants, and interrupts
// each, so that it reports its calls from now on. Threads and processes that
// are made meanwhile report by themselves, since their maker does, or are
// found: the list of threads is read until it is stable.
//
// NotFound when `root` is gone, FailedPrecondition when somebody else traces
// it, PermissionDenied when that is not permitted. Descendants that cannot be
// seized are left out. Call it on the tracer's thread.
absl::StatusOr<SeizedTree> SeizeTree(const Tracer& tracer,
                                     const ProcReader& proc, pid_t root);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_SEIZE_TREE_H_
