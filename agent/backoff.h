#ifndef GATEWATCH_AGENT_BACKOFF_H_
#define GATEWATCH_AGENT_BACKOFF_H_

#include <functional>

#include "absl/time/time.h"

namespace gatewatch::agent {

// How long to wait before each next attempt at something that fails: twice as
// long every time, from `first` to `longest`, less a random half, so that a
// fleet that lost its analyzer does not come back all at once.
//
// Threads: one.
class Backoff {
 public:
  // `random` gives numbers from 0 up to 1.
  Backoff(absl::Duration first, absl::Duration longest,
          std::function<double()> random);

  absl::Duration Next();
  // The last attempt succeeded.
  void Reset() { current_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration longest_;
  const std::function<double()> random_;
  absl::Duration current_;
};

// A source for Backoff, seeded from the system.
std::function<double()> SystemRandom();

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_BACKOFF_H_
