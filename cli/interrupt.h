#ifndef GATEWATCH_CLI_INTERRUPT_H_
#define GATEWATCH_CLI_INTERRUPT_H_

#include <signal.h>

#include <functional>
#include <thread>

#include "base/unique_fd.h"

namespace gatewatch::cli {

// While it lives, SIGINT and SIGTERM call a function instead of ending the
// program, so that a live stream can end in order.
//
// Threads:  make it before other threads are started (gRPC's for one), which
//           inherit the blocked signals.
// Lifetime: the signals have their old effect after destruction.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  // Calls `action` at most once, on a thread of its own, for a signal that
  // comes or has come since construction. Call it once.
  void OnSignal(std::function<void()> action);

 private:
  void Wait(const std::function<void()>& action);

  sigset_t old_mask_;
  UniqueFd signal_fd_;
  UniqueFd stop_fd_;
  std::thread thread_;
};

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_INTERRUPT_H_
