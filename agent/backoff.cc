#include "agent/backoff.h"

#include <algorithm>
#include <random>
#include <utility>

namespace gatewatch::agent {

Backoff::Backoff(absl::Duration first, absl::Duration longest,
                 std::function<double()> random)
    : first_(first),
      longest_(longest),
      random_(std::move(random)),
      current_(first) {}

absl::Duration Backoff::Next() {
  const absl::Duration wait = current_ * (1 - random_() / 2);
  current_ = std::min(current_ * 2, longest_);
  return wait;
}

std::function<double()> SystemRandom() {
  return [engine = std::minstd_rand(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

}  // namespace gatewatch::agent
