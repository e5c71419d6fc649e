#include "detection/flag_names.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/memfd.h>
#include <linux/ptrace.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace gatewatch::detection {
namespace {

struct Name {
  int64_t value;
  absl::string_view name;
};

#define GATEWATCH_NAME(value) \
  Name { value, #value }

constexpr Name kOpenFlags[] = {
    GATEWATCH_NAME(O_CREAT),
    GATEWATCH_NAME(O_EXCL),
    GATEWATCH_NAME(O_NOCTTY),
    GATEWATCH_NAME(O_TRUNC),
    GATEWATCH_NAME(O_APPEND),
    GATEWATCH_NAME(O_NONBLOCK),
    GATEWATCH_NAME(O_DIRECT),
    GATEWATCH_NAME(O_NOFOLLOW),
    GATEWATCH_NAME(O_CLOEXEC),
    GATEWATCH_NAME(O_PATH),
    // Contain other flags' bits; told apart by their whole value.
    GATEWATCH_NAME(O_SYNC),
    GATEWATCH_NAME(O_TMPFILE),
    GATEWATCH_NAME(O_DIRECTORY),
};

constexpr Name kModes[] = {
    GATEWATCH_NAME(S_IXOTH), GATEWATCH_NAME(S_IWOTH), GATEWATCH_NAME(S_IROTH),
    GATEWATCH_NAME(S_IXGRP), GATEWATCH_NAME(S_IWGRP), GATEWATCH_NAME(S_IRGRP),
    GATEWATCH_NAME(S_IXUSR), GATEWATCH_NAME(S_IWUSR), GATEWATCH_NAME(S_IRUSR),
    GATEWATCH_NAME(S_ISVTX), GATEWATCH_NAME(S_ISGID), GATEWATCH_NAME(S_ISUID),
};

constexpr Name kMemoryFileFlags[] = {
    GATEWATCH_NAME(MFD_CLOEXEC),
    GATEWATCH_NAME(MFD_ALLOW_SEALING),
    GATEWATCH_NAME(MFD_HUGETLB),
};

constexpr Name kPtraceRequests[] = {
    GATEWATCH_NAME(PTRACE_TRACEME),   GATEWATCH_NAME(PTRACE_PEEKTEXT),
    GATEWATCH_NAME(PTRACE_PEEKDATA),  GATEWATCH_NAME(PTRACE_POKETEXT),
    GATEWATCH_NAME(PTRACE_POKEDATA),  GATEWATCH_NAME(PTRACE_CONT),
    GATEWATCH_NAME(PTRACE_KILL),      GATEWATCH_NAME(PTRACE_SINGLESTEP),
    {12, "PTRACE_GETREGS"},           {13, "PTRACE_SETREGS"},
    GATEWATCH_NAME(PTRACE_ATTACH),    GATEWATCH_NAME(PTRACE_DETACH),
    GATEWATCH_NAME(PTRACE_SYSCALL),   GATEWATCH_NAME(PTRACE_SEIZE),
    GATEWATCH_NAME(PTRACE_INTERRUPT),
};

constexpr Name kFamilies[] = {
    GATEWATCH_NAME(AF_UNIX),   GATEWATCH_NAME(AF_INET),
    GATEWATCH_NAME(AF_INET6),  GATEWATCH_NAME(AF_NETLINK),
    GATEWATCH_NAME(AF_PACKET), GATEWATCH_NAME(AF_ALG),
    GATEWATCH_NAME(AF_VSOCK),
};

constexpr Name kNamespaces[] = {
    GATEWATCH_NAME(CLONE_NEWNS),   GATEWATCH_NAME(CLONE_NEWCGROUP),
    GATEWATCH_NAME(CLONE_NEWUTS),  GATEWATCH_NAME(CLONE_NEWIPC),
    GATEWATCH_NAME(CLONE_NEWUSER), GATEWATCH_NAME(CLONE_NEWPID),
    GATEWATCH_NAME(CLONE_NEWNET),  {0x80, "CLONE_NEWTIME"},
};

constexpr Name kMountFlags[] = {
    GATEWATCH_NAME(MS_RDONLY),  GATEWATCH_NAME(MS_NOSUID),
    GATEWATCH_NAME(MS_NODEV),   GATEWATCH_NAME(MS_NOEXEC),
    GATEWATCH_NAME(MS_REMOUNT), GATEWATCH_NAME(MS_NOATIME),
    GATEWATCH_NAME(MS_BIND),    GATEWATCH_NAME(MS_MOVE),
    GATEWATCH_NAME(MS_REC),     GATEWATCH_NAME(MS_UNBINDABLE),
    GATEWATCH_NAME(MS_PRIVATE), GATEWATCH_NAME(MS_SLAVE),
    GATEWATCH_NAME(MS_SHARED),
};

constexpr Name kBpfCommands[] = {
    GATEWATCH_NAME(BPF_MAP_CREATE),
    GATEWATCH_NAME(BPF_MAP_LOOKUP_ELEM),
    GATEWATCH_NAME(BPF_MAP_UPDATE_ELEM),
    GATEWATCH_NAME(BPF_MAP_DELETE_ELEM),
    GATEWATCH_NAME(BPF_MAP_GET_NEXT_KEY),
    GATEWATCH_NAME(BPF_PROG_LOAD),
    GATEWATCH_NAME(BPF_OBJ_PIN),
    GATEWATCH_NAME(BPF_OBJ_GET),
    GATEWATCH_NAME(BPF_PROG_ATTACH),
    GATEWATCH_NAME(BPF_PROG_DETACH),
    GATEWATCH_NAME(BPF_PROG_TEST_RUN),
    GATEWATCH_NAME(BPF_PROG_GET_NEXT_ID),
    GATEWATCH_NAME(BPF_MAP_GET_NEXT_ID),
    GATEWATCH_NAME(BPF_PROG_GET_FD_BY_ID),
    GATEWATCH_NAME(BPF_MAP_GET_FD_BY_ID),
    GATEWATCH_NAME(BPF_OBJ_GET_INFO_BY_FD),
    GATEWATCH_NAME(BPF_PROG_QUERY),
    GATEWATCH_NAME(BPF_RAW_TRACEPOINT_OPEN),
    GATEWATCH_NAME(BPF_BTF_LOAD),
    GATEWATCH_NAME(BPF_BTF_GET_FD_BY_ID),
    GATEWATCH_NAME(BPF_TASK_FD_QUERY),
    GATEWATCH_NAME(BPF_LINK_CREATE),
    GATEWATCH_NAME(BPF_LINK_UPDATE),
};

constexpr Name kProtection[] = {
    GATEWATCH_NAME(PROT_READ),
    GATEWATCH_NAME(PROT_WRITE),
    GATEWATCH_NAME(PROT_EXEC),
};

constexpr Name kMappingFlags[] = {
    GATEWATCH_NAME(MAP_SHARED),    GATEWATCH_NAME(MAP_PRIVATE),
    GATEWATCH_NAME(MAP_FIXED),     GATEWATCH_NAME(MAP_ANONYMOUS),
    GATEWATCH_NAME(MAP_NORESERVE), GATEWATCH_NAME(MAP_STACK),
};

#undef GATEWATCH_NAME

// The kernel counts capabilities from 0 in this order (capabilities(7)).
constexpr absl::string_view kCapabilities[] = {"CAP_CHOWN",
                                               "CAP_DAC_OVERRIDE",
                                               "CAP_DAC_READ_SEARCH",
                                               "CAP_FOWNER",
                                               "CAP_FSETID",
                                               "CAP_KILL",
                                               "CAP_SETGID",
                                               "CAP_SETUID",
                                               "CAP_SETPCAP",
                                               "CAP_LINUX_IMMUTABLE",
                                               "CAP_NET_BIND_SERVICE",
                                               "CAP_NET_BROADCAST",
                                               "CAP_NET_ADMIN",
                                               "CAP_NET_RAW",
                                               "CAP_IPC_LOCK",
                                               "CAP_IPC_OWNER",
                                               "CAP_SYS_MODULE",
                                               "CAP_SYS_RAWIO",
                                               "CAP_SYS_CHROOT",
                                               "CAP_SYS_PTRACE",
                                               "CAP_SYS_PACCT",
                                               "CAP_SYS_ADMIN",
                                               "CAP_SYS_BOOT",
                                               "CAP_SYS_NICE",
                                               "CAP_SYS_RESOURCE",
                                               "CAP_SYS_TIME",
                                               "CAP_SYS_TTY_CONFIG",
                                               "CAP_MKNOD",
                                               "CAP_LEASE",
                                               "CAP_AUDIT_WRITE",
                                               "CAP_AUDIT_CONTROL",
                                               "CAP_SETFCAP",
                                               "CAP_MAC_OVERRIDE",
                                               "CAP_MAC_ADMIN",
                                               "CAP_SYSLOG",
                                               "CAP_WAKE_ALARM",
                                               "CAP_BLOCK_SUSPEND",
                                               "CAP_AUDIT_READ",
                                               "CAP_PERFMON",
                                               "CAP_BPF",
                                               "CAP_CHECKPOINT_RESTORE"};

void AppendFlags(absl::Span<const Name> names, uint32_t flags,
                 std::string& text) {
  for (const Name& name : names) {
    const auto bits = static_cast<uint32_t>(name.value);
    if ((flags & bits) != bits) continue;
    absl::StrAppend(&text, text.empty() ? "" : "|", name.name);
  }
}

std::string FlagNames(absl::Span<const Name> names, uint32_t flags) {
  std::string text;
  AppendFlags(names, flags, text);
  return text.empty() ? "0" : text;
}

std::string NameOf(absl::Span<const Name> names, int64_t value) {
  for (const Name& name : names) {
    if (name.value == value) return std::string(name.name);
  }
  return absl::StrCat(value);
}

}  // namespace

std::string OpenFlagNames(uint32_t flags) {
  std::string text = (flags & O_ACCMODE) == O_RDONLY   ? "O_RDONLY"
                     : (flags & O_ACCMODE) == O_WRONLY ? "O_WRONLY"
                                                       : "O_RDWR";
  AppendFlags(kOpenFlags, flags, text);
  return text;
}

std::string ModeNames(uint32_t mode) { return FlagNames(kModes, mode); }

std::string MemoryFileFlagNames(uint32_t flags) {
  return FlagNames(kMemoryFileFlags, flags);
}

std::string PtraceRequestName(int64_t request) {
  return NameOf(kPtraceRequests, request);
}

std::string FamilyName(uint32_t family) { return NameOf(kFamilies, family); }

std::string CapabilityNames(uint64_t set) {
  std::string text;
  for (size_t i = 0; i < std::size(kCapabilities); ++i) {
    if ((set >> i & 1) == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : " ", kCapabilities[i]);
  }
  return text;
}

std::string SignalName(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? absl::StrCat("SIG", name) : absl::StrCat(signal);
}

std::string NamespaceNames(uint32_t namespaces) {
  return FlagNames(kNamespaces, namespaces);
}

std::string MountFlagNames(uint32_t flags) {
  return FlagNames(kMountFlags, flags);
}

std::string BpfCommandName(int64_t command) {
  return NameOf(kBpfCommands, command);
}

std::string ProtectionNames(uint32_t protection) {
  return protection == 0 ? "PROT_NONE" : FlagNames(kProtection, protection);
}

std::string MappingFlagNames(uint32_t flags) {
  return FlagNames(kMappingFlags, flags);
}

std::string ErrorName(int error) {
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : absl::StrCat(error);
}

}  // namespace gatewatch::detection
