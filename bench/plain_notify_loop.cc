// The least that observing openat by seccomp notification can cost: a filter,
// and a loop that lets every call go on and looks at nothing.
//
//   plain_notify_loop [--no-sync] COMMAND [ARGUMENT…]

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

int InstallFilter() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{4, program};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                  SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

[[noreturn]] void Answer(int listener) {
  seccomp_notif call;
  seccomp_notif_resp answer;
  while (true) {
    memset(&call, 0, sizeof(call));
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
    memset(&answer, 0, sizeof(answer));
    answer.id = call.id;
    answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int command = 1;
  const bool sync = argc < 2 || strcmp(argv[1], "--no-sync") != 0;
  if (!sync) ++command;
  if (command >= argc) return 2;
  int ready[2], taken[2];
  if (pipe(ready) != 0 || pipe(taken) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    const int listener = InstallFilter();
    if (write(ready[1], &listener, sizeof(listener)) < 0) return 1;
    char go;  // when the parent has its copy
    if (read(taken[0], &go, 1) < 0) return 1;
    execvp(argv[command], argv + command);
    _exit(127);
  }
  int number = -1;
  if (read(ready[0], &number, sizeof(number)) < 0 || number < 0) return 1;
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  const int listener =
      static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, number, 0));
  if (listener < 0) return 1;
  if (sync) ioctl(listener, SECCOMP_IOW(4, __u64), 1UL);
  const pid_t answering = fork();
  if (answering == 0) Answer(listener);
  if (write(taken[1], "+", 1) < 0) return 1;
  int status = 0;
  waitpid(child, &status, 0);
  kill(answering, SIGKILL);
  return WEXITSTATUS(status);
}
