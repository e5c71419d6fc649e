#include "probes/calls/wake_signal.h"

#include <pthread.h>
#include <signal.h>

namespace gatewatch::probes {
namespace {

constexpr int kWakeSignal = SIGURG;

}  // namespace

void InstallWakeSignal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // no SA_RESTART: it has to interrupt
  ::sigaction(kWakeSignal, &action, nullptr);
}

void Wake(std::thread& thread) {
  ::pthread_kill(thread.native_handle(), kWakeSignal);
}

}  // namespace gatewatch::probes
