#ifndef GATEWATCH_PROBES_SECCOMP_NOTIFY_FD_H_
#define GATEWATCH_PROBES_SECCOMP_NOTIFY_FD_H_

#include <linux/seccomp.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::probes {

// The buffer that a notification is received into. It lies in memory that an
// observer shares with the keeper of the listener: when the observer is killed
// between receiving and answering, the id that alone can answer the waiting
// call is still here.
struct NotifySlot {
  // The kernel's struct may grow (SECCOMP_GET_NOTIF_SIZES).
  static constexpr size_t kReserved = 4088;
  union {
    seccomp_notif notification;
    char reserved[kReserved];
  };
  // Calls that the observer has dealt with: what tells one that hangs from one
  // that is busy.
  std::atomic<uint64_t> handled;
};

// A seccomp listener (seccomp_unotify(2)). Does no more than the calls; every
// method may be used from any thread.
class NotifyFd {
 public:
  explicit NotifyFd(UniqueFd fd) : fd_(std::move(fd)) {}

  int get() const { return fd_.get(); }

  // Whether `fd` is a seccomp listener at all.
  static bool IsListener(int fd);

  // Waits for a call and fills `slot`. Unavailable when a signal ended the
  // wait; NotFound when the calling process died first, or when no process is
  // under the filter any more (Linux 6.11; before, that shows in poll(2)).
  absl::Status Receive(NotifySlot& slot) const;

  // Lets a received call go on. NotFound when it does not wait any more: it
  // was interrupted, or its process was killed.
  absl::Status Continue(uint64_t id) const;

  // Asks the kernel to run the observer at once on the caller's CPU (Linux
  // 6.6), which saves waking another, or no longer. False: this kernel cannot.
  bool SetSyncWakeUp(bool on) const;

 private:
  UniqueFd fd_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_NOTIFY_FD_H_
