#ifndef GATEWATCH_AGENT_LAUNCH_SUPERVISOR_H_
#define GATEWATCH_AGENT_LAUNCH_SUPERVISOR_H_

#include <cstdint>

namespace gatewatch::agent {

// The environment variable that tells a worker the descriptor to write a byte
// to, at least once a second, while it is well.
inline constexpr char kSupervisorVariable[] = "GATEWATCH_SUPERVISOR_FD";

struct Supervision {
  char* const* command;  // the worker's argv, ends with a null pointer
  // Of the worker's data (RLIMIT_DATA), so that one that leaks is ended before
  // the container is; 0: none.
  uint64_t memory_limit = 0;
};

// Runs the worker, and runs it again, after a growing pause, when it is
// killed, fails, or has not been well for ten seconds. Keepers that the worker
// started become this process's children when it dies, so nothing happens to
// the workloads meanwhile.
//
// SIGTERM and SIGINT are passed on once; then this waits until the worker has
// ended, and until no keeper is left: as long as one is, a process of the
// workload would be harmed by the end of this container.
//
// Returns the worker's exit status when that was asked to end, ended well, or
// refused its command line (2); 128 + its signal when it was killed then.
// Requires one thread.
int Supervise(const Supervision& supervision);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_SUPERVISOR_H_
