#include <errno.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr uid_t kNobody = 65534;

// Does something to a child that waits to be ended. `act` tells whether it
// was permitted.
absl::Status WithVictim(const SimulationContext& context,
                        const std::function<bool(pid_t)>& act) {
  ChildProcess victim([] { return pause(); });
  if (victim.pid() == 0) return absl::InternalError("cannot start a process");
  if (!act(victim.pid())) {
    context.out << "  (not permitted here; the try counts)\n";
  }
  return absl::OkStatus();
}

bool CanOpen(pid_t pid, const char* file, int flags) {
  const std::string path = absl::StrCat("/proc/", pid, "/", file);
  return UniqueFd(open(path.c_str(), flags | O_CLOEXEC)).valid();
}

absl::Status SimulateTracing(const SimulationContext& context) {
  context.out << "  seizing a child by ptrace, then ending it\n";
  return WithVictim(context, [](pid_t pid) {
    return ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0;
  });
}

absl::Status SimulateMemoryFile(const SimulationContext& context) {
  context.out << "  opening /proc/PID/mem of a child for writing\n";
  return WithVictim(context,
                    [](pid_t pid) { return CanOpen(pid, "mem", O_WRONLY); });
}

// With nothing to read or write, the kernel checks permission and is done.
absl::Status SimulateMemoryRead(const SimulationContext& context) {
  context.out << "  reading no bytes of a child's memory\n";
  return WithVictim(context, [](pid_t pid) {
    return process_vm_readv(pid, nullptr, 0, nullptr, 0, 0) == 0;
  });
}

absl::Status SimulateMemoryWrite(const SimulationContext& context) {
  context.out << "  writing no bytes into a child's memory\n";
  return WithVictim(context, [](pid_t pid) {
    return process_vm_writev(pid, nullptr, 0, nullptr, 0, 0) == 0;
  });
}

absl::Status SimulateRootReached(const SimulationContext& context) {
  context.out << "  opening /proc/PID/root/etc/passwd of a child\n";
  return WithVictim(context, [](pid_t pid) {
    return CanOpen(pid, "root/etc/passwd", O_RDONLY);
  });
}

// The kernel refuses to write to a program that runs.
absl::Status SimulateProgramOverwritten(const SimulationContext& context) {
  context.out << "  opening /proc/PID/exe of a child for writing\n";
  return WithVictim(context,
                    [](pid_t pid) { return CanOpen(pid, "exe", O_WRONLY); });
}

// The processes of Gatewatch's that can be seen from here, by their names.
std::vector<pid_t> OwnProcesses() {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc", error)) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    const auto name = ReadFile(absl::StrCat("/proc/", pid, "/comm"), 64);
    if (name.ok() &&
        (*name == "gatewatch-agent\n" || *name == "gatewatch-keep\n")) {
      found.push_back(pid);
    }
  }
  return found;
}

absl::Status SimulateTampering(const SimulationContext& context) {
  context.out << "  opening /proc/PID/mem of the agent or a keeper of its for "
                 "writing\n";
  const std::vector<pid_t> own = OwnProcesses();
  if (own.empty()) context.out << "  (neither can be seen from here)\n";
  for (const pid_t pid : own) CanOpen(pid, "mem", O_WRONLY);
  return absl::OkStatus();
}

absl::Status SimulateAntiDebugging(const SimulationContext& context) {
  context.out << "  asking to be traced, in a child\n";
  ChildProcess child([] {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    return 0;
  });
  return child.Wait();
}

absl::Status SimulateElevation(const SimulationContext& context) {
  context.out << "  asking for user id 0 as user " << kNobody
              << ", in a child; it is refused\n";
  ChildProcess child([] {
    if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) return 1;
    return setuid(0) == 0 ? 1 : 0;
  });
  return child.Wait();
}

constexpr Simulation kSimulations[] = {
    {"tracing", "Another process traced", "T1055.008",
     "a process seizes another by ptrace", SimulateTracing},
    {"memory-file", "Memory of another process opened for writing", "T1055.009",
     "/proc/PID/mem of another process is opened for writing",
     SimulateMemoryFile},
    {"agent-tampering", "Agent tampered with", "T1562.001",
     "/proc/PID/mem of the agent is opened for writing", SimulateTampering},
    {"memory-write", "Memory of another process written", "T1055",
     "process_vm_writev is called on another process", SimulateMemoryWrite},
    {"memory-read", "Memory of another process read", "T1003.007",
     "process_vm_readv is called on another process", SimulateMemoryRead},
    {"proc-root", "Files of another process reached through proc", "T1611",
     "a file is opened through /proc/PID/root", SimulateRootReached},
    {"runtime-overwrite", "Container runtime's program opened for writing",
     "T1611", "/proc/PID/exe of another process is opened for writing",
     SimulateProgramOverwritten},
    {"anti-debugging", "Program keeps debuggers away", "T1622",
     "a process asks to be traced", SimulateAntiDebugging},
    {"elevation", "Elevation to root", "T1548.001",
     "an ordinary user asks for the user id of root", SimulateElevation},
};

}  // namespace

absl::Span<const Simulation> ProcessSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
