#include "cli/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/status.h"

namespace gatewatch::cli {

Interrupt::Interrupt() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGINT);
  sigaddset(&mask, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &mask, &old_mask_);
  signal_fd_.Reset(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  stop_fd_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  GATEWATCH_CHECK(signal_fd_.valid() && stop_fd_.valid());
}

Interrupt::~Interrupt() {
  eventfd_write(stop_fd_.get(), 1);
  if (thread_.joinable()) thread_.join();
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

void Interrupt::OnSignal(std::function<void()> action) {
  thread_ = std::thread([this, action = std::move(action)]() { Wait(action); });
}

void Interrupt::Wait(const std::function<void()>& action) {
  pollfd fds[] = {{signal_fd_.get(), POLLIN, 0}, {stop_fd_.get(), POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  if (fds[0].revents == 0) return;
  // Taken, so that it does not end the program when it is unblocked.
  signalfd_siginfo taken;
  while (read(signal_fd_.get(), &taken, sizeof(taken)) > 0) {
  }
  action();
}

}  // namespace gatewatch::cli
