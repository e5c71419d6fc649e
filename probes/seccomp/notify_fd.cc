#include "probes/seccomp/notify_fd.h"

#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"

namespace gatewatch::probes {
namespace {

// linux/seccomp.h has these from 6.6 on.
constexpr unsigned long kSetFlags = SECCOMP_IOW(4, __u64);
constexpr __u64 kSyncWakeUp = 1;

}  // namespace

bool NotifyFd::IsListener(int fd) {
  const auto link = ReadLink(absl::StrCat("/proc/self/fd/", fd));
  return link.ok() && *link == "anon_inode:seccomp notify";
}

absl::Status NotifyFd::Receive(NotifySlot& slot) const {
  memset(&slot.notification, 0,
         sizeof(slot.notification));  // the kernel insists
  if (::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_RECV, &slot.notification) != 0) {
    slot.notification.id = 0;
    return ErrnoStatus(errno, "SECCOMP_IOCTL_NOTIF_RECV");
  }
  return absl::OkStatus();
}

absl::Status NotifyFd::Continue(uint64_t id) const {
  seccomp_notif_resp response{};
  response.id = id;
  response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  if (::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response) != 0) {
    return ErrnoStatus(errno, "SECCOMP_IOCTL_NOTIF_SEND");
  }
  return absl::OkStatus();
}

bool NotifyFd::SetSyncWakeUp(bool on) const {
  return ::ioctl(fd_.get(), kSetFlags, on ? kSyncWakeUp : 0) == 0;
}

}  // namespace gatewatch::probes
