#ifndef GATEWATCH_PROBES_SECCOMP_CPU_LOAD_H_
#define GATEWATCH_PROBES_SECCOMP_CPU_LOAD_H_

#include <string>

#include "base/unique_fd.h"

namespace gatewatch::probes {

// Tells whether every CPU has something to do, by what the kernel counts as
// runnable (proc(5), /proc/loadavg), smoothed over some ten looks.
//
// Threads: one. Where the file cannot be read, no CPU is ever busy.
class CpuLoad {
 public:
  explicit CpuLoad(int cpus, const std::string& proc_root = "/proc");

  // Looks, and says whether the CPUs are busy. The thread that asks does not
  // count.
  bool Sample();

 private:
  const int cpus_;
  const UniqueFd loadavg_;
  double busy_share_ = 0;  // of the last looks, the latest counting most
  bool busy_ = false;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_CPU_LOAD_H_
