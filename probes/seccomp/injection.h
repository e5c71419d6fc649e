#ifndef GATEWATCH_PROBES_SECCOMP_INJECTION_H_
#define GATEWATCH_PROBES_SECCOMP_INJECTION_H_

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::probes {

// Puts a process that runs already under a filter, all its threads included
// (seccomp(2), SECCOMP_FILTER_FLAG_TSYNC).
struct Injection {
  pid_t pid = 0;
  std::vector<sock_filter> filter;
  // The program that the process is made to start as the listener's keeper,
  // and its arguments; the listener's number is added as the last. It runs in
  // the process's container, as its user, as a child of init. Empty: none is
  // started, and Inject() returns the listener.
  std::string keeper_image;
  std::vector<std::string> keeper_arguments;
};

// Runs a few system calls inside the process, as payload.h describes, and
// lets go of it. The process is traced (ptrace(2), PTRACE_SEIZE) for less than
// a millisecond, or some milliseconds when a keeper is started; afterwards
// debuggers work in it as before. What it was doing goes on, an interrupted
// call is restarted as after a signal handler with SA_RESTART.
//
// The listener, or an invalid descriptor when a keeper has it (the listener
// also when the keeper died before it could take it). Errors, after
// which the process is as it was:
//   NotFound            it is gone
//   AlreadyExists       a filter with a listener is installed already
//   PermissionDenied    this process may not trace it
//   Unavailable         not at this moment: its threads are under different
//                       filters, as while a container is prepared …
//   DeadlineExceeded    it did not stop; calling thread has to end to let go
//   ResourceExhausted   no keeper can be started in it
//   Cancelled           it is itself a keeper that is being started
//   FailedPrecondition  it cannot be attached to: 32-bit, traced by another,
//                       no executable memory …
// DataLoss: the filter is installed, and its listener could not be kept.
//
// x86-64 only. Needs PTRACE_MODE_ATTACH access (ptrace(2)); without a keeper,
// pidfd_getfd(2) as well.
absl::StatusOr<UniqueFd> Inject(const Injection& injection);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_INJECTION_H_
