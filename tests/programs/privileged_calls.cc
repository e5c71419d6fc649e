// One of each call that attacks are made of, in the folder given, with
// arguments that fail or change nothing outside this process: whatever it is
// permitted, it leaves the machine as it was.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/programs/require.h"

namespace {

constexpr char kNowhere[] = "/nonexistent/gatewatch";

void OnAnotherProcess() {
  int ready[2];
  REQUIRE_CALL(pipe(ready));
  const pid_t child = REQUIRE_CALL(fork());
  if (child == 0) {
    close(open("/dev/null", O_RDONLY));  // an observed call, to be known by
    REQUIRE_CALL(write(ready[1], "x", 1));
    for (;;) pause();
  }
  char byte;
  REQUIRE_CALL(read(ready[0], &byte, 1));
  const iovec local{&byte, 1};
  const iovec remote{nullptr, 1};  // nothing is mapped there
  process_vm_readv(child, &local, 1, &remote, 1, 0);
  process_vm_writev(child, &local, 1, &remote, 1, 0);
  const long pidfd = REQUIRE_CALL(syscall(SYS_pidfd_open, child, 0));
  syscall(SYS_pidfd_getfd, pidfd, 12345, 0);
  REQUIRE_CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, nullptr, 0));
  REQUIRE_CALL(syscall(SYS_tgkill, child, child, SIGWINCH));
  REQUIRE_CALL(syscall(SYS_tkill, child, SIGWINCH));
  REQUIRE_CALL(kill(child, 0));
  REQUIRE_CALL(kill(child, SIGKILL));
  REQUIRE_CALL(waitpid(child, nullptr, 0));
}

void OnItself() {
  signal(SIGUSR1, SIG_IGN);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  char here = 'x', there = 'y';
  const iovec local{&here, 1}, remote{&there, 1};
  REQUIRE_CALL(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

void OnNamespaces() {
  const long own = REQUIRE_CALL(open("/proc/self/ns/uts", O_RDONLY));
  setns(static_cast<int>(own), CLONE_NEWUTS);
  unshare(CLONE_NEWUTS | CLONE_NEWIPC);
  const long child = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child > 0) waitpid(static_cast<pid_t>(child), nullptr, 0);
}

void OnMounts() {
  mount("source", kNowhere, "tmpfs", MS_NOSUID | MS_NODEV, "");
  mount(nullptr, kNowhere, nullptr, MS_REC | MS_PRIVATE, nullptr);
  umount2(kNowhere, MNT_DETACH);
  syscall(SYS_pivot_root, kNowhere, "/nonexistent/old");
  syscall(SYS_move_mount, -1, "", AT_FDCWD, kNowhere, MOVE_MOUNT_F_EMPTY_PATH);
  syscall(SYS_fsopen, "gatewatchfs", 0);
  syscall(SYS_fsmount, -1, 0, 0);
  syscall(SYS_open_tree, AT_FDCWD, kNowhere, OPEN_TREE_CLONE);
  syscall(SYS_mount_setattr, AT_FDCWD, kNowhere, 0, nullptr, 0);
  if (chroot(kNowhere) == 0) return;
}

void OnTheKernel() {
  syscall(SYS_bpf, BPF_PROG_LOAD, nullptr, 0);
  syscall(SYS_init_module, nullptr, 0, "gatewatch=1");
  const int file = open("/dev/null", O_RDONLY);
  syscall(SYS_finit_module, file, "", 0);
  syscall(SYS_delete_module, "gatewatch_none", O_NONBLOCK);
  syscall(SYS_userfaultfd, 0x40000000);
  syscall(SYS_io_uring_setup, 7, nullptr);
  syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0);
  syscall(SYS_open_by_handle_at, -1, nullptr, O_RDONLY);
}

void OnMemory() {
  void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(page, 4096, PROT_READ | PROT_EXEC);
  mprotect(page, 4096, PROT_WRITE | PROT_EXEC);
}

void OnFiles() {
  REQUIRE_CALL(creat("file", 0600));
  REQUIRE_CALL(truncate("file", 5));
  REQUIRE_CALL(mknod("fifo", S_IFIFO | 0640, 0));
  mknod("device", S_IFBLK | 0600, 0x0801);
  unlink("device");
  // Not every file system has them.
  setxattr("file", "user.gatewatch", "1", 1, 0);
  removexattr("file", "user.gatewatch");
  const int file = REQUIRE_CALL(open("file", O_RDONLY));
  fsetxattr(file, "user.gatewatch", "1", 1, 0);
  truncate("missing", 0);
}

void OnCredentials() {
  setfsuid(getuid());
  setfsgid(getgid());
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  REQUIRE_CALL(syscall(SYS_capget, &header, data));
  data[0].inheritable = 1 << CAP_NET_RAW;  // denied or harmless: no exec
  syscall(SYS_capset, &header, data);
  const gid_t groups[] = {12, 34};
  syscall(SYS_setgroups, 2, groups);
}

}  // namespace

int main(int, char** argv) {
  REQUIRE_CALL(chdir(argv[1]));
  OnAnotherProcess();
  OnItself();
  OnFiles();
  OnMemory();
  OnTheKernel();
  OnMounts();
  OnNamespaces();
  OnCredentials();
  close(open("/dev/null", O_RDONLY));  // a call after the changes
  puts("done");
  return 0;
}
