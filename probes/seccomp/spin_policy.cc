#include "probes/seccomp/spin_policy.h"

#include <algorithm>

namespace gatewatch::probes {
uint64_t SpinPolicy::Allowance(uint64_t now_ns) {
  const uint64_t passed = last_ns_ == 0 ? 0 : now_ns - last_ns_;
  saved_ns_ = std::min(saved_ns_ + passed / kShare, kMostSavedNs);
  last_ns_ = now_ns;
  if (saved_ns_ < kLongestNs) return 0;
  if (skips_ == 0) return kLongestNs;
  --skips_;
  return 0;
}

void SpinPolicy::Note(uint64_t took_ns, bool came) {
  saved_ns_ -= std::min(saved_ns_, took_ns);
  if (came) {
    next_skips_ = 1;
    return;
  }
  skips_ = next_skips_;
  next_skips_ = std::min(2 * next_skips_, kMaxSkips);
}

}  // namespace gatewatch::probes
