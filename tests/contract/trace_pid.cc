// trace_pid PID: observes a running process by ptrace until it is killed, as
// an agent does; writes a byte when it has attached.
#include <unistd.h>

#include <cstdlib>

#include "probes/ptrace/ptrace_probe.h"

int main(int argc, char** argv) {
  using namespace gatewatch::probes;  // NOLINT: a program of its own
  if (argc != 2) return 2;
  ObservationQueue queue(100'000);
  const auto probe = PtraceProbe::ForAttach(queue);
  if (!probe->Attach(atoi(argv[1])).ok()) return 1;
  if (write(1, "x", 1) != 1) return 1;
  while (true) {
    probe->Tick();
    queue.Take(absl::Milliseconds(5));
  }
}
