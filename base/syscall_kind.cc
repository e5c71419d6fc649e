#include "base/syscall_kind.h"

#include "absl/strings/match.h"

namespace gatewatch {
namespace {

// How the names of the calls of one kind begin; the first match counts.
struct KindRow {
  absl::string_view prefix;
  absl::string_view kind;
};
constexpr KindRow kKinds[] = {
    {"execve", "exec"},
    {"exit", "exit"},
    {"procexit", "exit"},
    {"fork", "start"},
    {"vfork", "start"},
    {"clone", "start"},
    {"unshare", "namespace"},
    {"setns", "namespace"},
    {"open_tree", "mount"},
    {"open_by_handle_at", "kernel"},
    {"open", "open"},
    {"creat", "open"},
    {"unlink", "unlink"},
    {"rename", "rename"},
    {"link", "link"},
    {"symlink", "symlink"},
    {"chmod", "chmod"},
    {"fchmod", "chmod"},
    {"chown", "chown"},
    {"fchown", "chown"},
    {"lchown", "chown"},
    {"mkdir", "mkdir"},
    {"rmdir", "rmdir"},
    {"connect", "connect"},
    {"bind", "bind"},
    {"listen", "listen"},
    {"accept", "accept"},
    {"send", "sendto"},
    {"socket", "socket"},
    {"dns", "dns"},
    {"memfd_create", "memfd"},
    {"ptrace", "ptrace"},
    {"dup", "dup"},
    {"setuid", "credentials"},
    {"setgid", "credentials"},
    {"setreuid", "credentials"},
    {"setregid", "credentials"},
    {"setresuid", "credentials"},
    {"setresgid", "credentials"},
    {"setfsuid", "credentials"},
    {"setfsgid", "credentials"},
    {"setgroups", "credentials"},
    {"capset", "credentials"},
    {"process_vm_", "ptrace"},
    {"pidfd_getfd", "ptrace"},
    {"kill", "signal"},
    {"tkill", "signal"},
    {"tgkill", "signal"},
    {"pidfd_send_signal", "signal"},
    {"rt_sigqueueinfo", "signal"},
    {"rt_tgsigqueueinfo", "signal"},
    {"mmap", "execmem"},
    {"mprotect", "execmem"},
    {"pkey_mprotect", "execmem"},
    {"mount", "mount"},
    {"umount", "mount"},
    {"pivot_root", "mount"},
    {"move_mount", "mount"},
    {"fsopen", "mount"},
    {"fsmount", "mount"},
    {"chroot", "mount"},
    {"bpf", "kernel"},
    {"init_module", "kernel"},
    {"finit_module", "kernel"},
    {"delete_module", "kernel"},
    {"userfaultfd", "kernel"},
    {"io_uring_setup", "kernel"},
    {"perf_event_open", "kernel"},
    {"truncate", "truncate"},
    {"mknod", "mknod"},
    {"setxattr", "xattr"},
    {"lsetxattr", "xattr"},
    {"fsetxattr", "xattr"},
    {"removexattr", "xattr"},
    {"lremovexattr", "xattr"},
    {"fremovexattr", "xattr"},
};

}  // namespace

absl::string_view KindOfSyscall(absl::string_view syscall) {
  for (const KindRow& row : kKinds) {
    if (absl::StartsWith(syscall, row.prefix)) return row.kind;
  }
  return "unknown";
}

}  // namespace gatewatch
