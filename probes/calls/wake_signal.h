#ifndef GATEWATCH_PROBES_CALLS_WAKE_SIGNAL_H_
#define GATEWATCH_PROBES_CALLS_WAKE_SIGNAL_H_

#include <thread>

namespace gatewatch::probes {

// For probes whose thread waits in a kernel call that nothing but a signal
// ends. The signal (SIGURG) is ignored by default, so that one that comes late
// is harmless.

// Lets the signal interrupt calls, in the whole process; does nothing else.
void InstallWakeSignal();

// Interrupts the thread if it waits just now: repeat until it has noticed.
void Wake(std::thread& thread);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_WAKE_SIGNAL_H_
