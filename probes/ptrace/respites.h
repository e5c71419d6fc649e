#ifndef GATEWATCH_PROBES_PTRACE_RESPITES_H_
#define GATEWATCH_PROBES_PTRACE_RESPITES_H_

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// Processes that run untraced for a while, since tracing kept them from
// running at all. Each time that this happens to one again it gets twice the
// time, up to a minute.
//
// Threads: not safe. Times are monotonic nanoseconds.
class Respites {
 public:
  // `process` is let go now.
  void Begin(const ProcessId& process, uint64_t now_ns);

  // Its time is over: it is to be traced again, see End() and Extend().
  bool IsDue(pid_t pid, uint64_t now_ns) const;

  // It is traced again.
  void End(pid_t pid, uint64_t now_ns);
  // It could not be.
  void Extend(pid_t pid, uint64_t now_ns);
  // It has ended.
  void Forget(pid_t pid) { entries_.erase(pid); }

  bool Has(pid_t pid) const;
  std::vector<ProcessId> running() const;  // untraced, those that are due too
  bool any() const;

 private:
  struct Entry {
    ProcessId process;
    bool untraced = false;
    uint64_t length_ns = 0;
    uint64_t until_ns = 0;  // untraced: to be; else since when it is traced
  };
  absl::flat_hash_map<pid_t, Entry> entries_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PTRACE_RESPITES_H_
