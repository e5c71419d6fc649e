#ifndef GATEWATCH_PROBES_SECCOMP_SPIN_POLICY_H_
#define GATEWATCH_PROBES_SECCOMP_SPIN_POLICY_H_

#include <cstdint>

namespace gatewatch::probes {

// Says when to look for the next call for a moment before sleeping until it
// comes. Waking a thread on another, idle CPU costs a call more than all else
// that is done for it, so this pays when calls follow each other closely; it
// is waste when they do not, and harm when the caller needs the CPU.
//
// Spins as long as that brings calls; each time it does not, leaves it out for
// twice as many calls as before. A spin is work for nobody, on a CPU that may
// be paid for: in the long run it takes no more than a share of the time, well
// within the agent's CPU budget, while the bursts of calls that a program
// begins with are served from what quiet times saved.
//
// Threads: one. Times are monotonic nanoseconds.
class SpinPolicy {
 public:
  // Of one spin. Measured: a caller that does nothing else is back after 15 µs.
  static constexpr uint64_t kLongestNs = 25'000;
  static constexpr uint64_t kShare = 10;  // one part of so many of the time
  static constexpr uint64_t kMostSavedNs = 100'000'000;
  static constexpr uint64_t kMaxSkips = 1024;

  // How long to spin before the next wait; 0: sleep at once.
  uint64_t Allowance(uint64_t now_ns);

  // A spin took so long, and a call came or not.
  void Note(uint64_t took_ns, bool came);

 private:
  uint64_t last_ns_ = 0;
  uint64_t saved_ns_ = kMostSavedNs;  // what may be spent
  uint64_t skips_ = 0;                // how many waits go without
  uint64_t next_skips_ = 1;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_SPIN_POLICY_H_
