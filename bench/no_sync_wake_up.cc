// Preloaded into the agent (LD_PRELOAD), makes it believe that it runs on a
// kernel before 6.6, such as Fargate's: one that does not know
// SECCOMP_IOCTL_NOTIF_SET_FLAGS.

#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" __attribute__((visibility("default"))) int ioctl(
    int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (request == SECCOMP_IOW(4, __u64)) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(syscall(SYS_ioctl, fd, request, argument));
}
