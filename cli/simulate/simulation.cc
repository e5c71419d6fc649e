#include "cli/simulate/simulation.h"

#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr Simulation kSimulations[] = {
    {"reverse-shell", "Reverse shell", "T1059.004",
     "a shell whose input and output are a socket", SimulateReverseShell},
    {"credential-endpoint", "Credential endpoint reached by a tool",
     "T1552.005", "curl turns to 169.254.170.2", SimulateCredentialEndpoint},
    {"shadow-read", "Shadow file read", "T1003.008", "/etc/shadow is opened",
     SimulateShadowRead},
    {"environ-read", "Environment of another process read", "T1552.007",
     "/proc/PID/environ of another process is read", SimulateEnvironmentRead},
    {"memory-execution", "Execution from memory", "T1620",
     "a program that lies in no file system is executed",
     SimulateMemoryExecution},
    {"new-file-execution", "Execution of a new file", "T1204.002",
     "a program that is not part of the image is executed",
     SimulateNewFileExecution},
    {"preload-write", "Preload file written", "T1574.006",
     "/etc/ld.so.preload is opened for writing", SimulatePreloadWrite},
    {"server-shell", "Shell started by a server", "T1190",
     "nginx starts a shell", SimulateServerShell},
    {"cryptominer", "Cryptominer started", "T1496",
     "a program named and called like xmrig is executed", SimulateCryptominer},
    {"package-manager", "Package manager at run time", "T1072",
     "a program named and called like apk is executed", SimulatePackageManager},
    {"download-execution", "Downloaded file executed", "T1105",
     "curl writes a program, which is made executable and executed",
     SimulateDownloadExecution},
    {"history-deletion", "History or log deleted", "T1070.003",
     "a shell history is deleted", SimulateHistoryDeletion},
    {"tracing", "Another process traced", "T1055.008",
     "a process seizes another by ptrace", SimulateTracing},
};

}  // namespace

absl::Span<const Simulation> Simulations() { return kSimulations; }

}  // namespace gatewatch::cli
