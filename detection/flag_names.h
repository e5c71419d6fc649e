#ifndef GATEWATCH_DETECTION_FLAG_NAMES_H_
#define GATEWATCH_DETECTION_FLAG_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::detection {

// Numbers of x86-64 Linux as rules name them: "O_RDONLY|O_CLOEXEC",
// "S_IRUSR|S_IXUSR", "PTRACE_ATTACH", "MFD_CLOEXEC", "AF_INET", "ENOENT". Bits
// without a name are left out; a number without a name is given as a number.
std::string OpenFlagNames(uint32_t flags);
std::string ModeNames(uint32_t mode);
std::string MemoryFileFlagNames(uint32_t flags);
std::string PtraceRequestName(int64_t request);
std::string FamilyName(uint32_t family);
// "CAP_CHOWN CAP_KILL", as Falco joins them.
std::string CapabilityNames(uint64_t set);
std::string SignalName(int signal);                // "SIGKILL"
std::string NamespaceNames(uint32_t namespaces);   // "CLONE_NEWNS|CLONE_NEWPID"
std::string MountFlagNames(uint32_t flags);        // "MS_BIND|MS_REC"
std::string BpfCommandName(int64_t command);       // "BPF_PROG_LOAD"
std::string ProtectionNames(uint32_t protection);  // "PROT_READ|PROT_EXEC"
std::string MappingFlagNames(uint32_t flags);      // "MAP_PRIVATE"
std::string ErrorName(int error);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_FLAG_NAMES_H_
