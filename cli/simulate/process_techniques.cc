#include <errno.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {

absl::Status SimulateTracing(const SimulationContext& context) {
  ChildProcess victim([] { return pause(); });
  if (victim.pid() == 0) return absl::InternalError("cannot start a process");
  context.out << "  seizing a child by ptrace, then ending it\n";
  if (ptrace(PTRACE_SEIZE, victim.pid(), nullptr, nullptr) != 0) {
    context.out << "  (not permitted here; the try counts)\n";
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::cli
