#include "tests/support/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <thread>

namespace gatewatch::testing {
namespace {

constexpr int kDefaults[] = {
    CAP_CHOWN,       CAP_DAC_OVERRIDE, CAP_FOWNER,           CAP_FSETID,
    CAP_KILL,        CAP_SETGID,       CAP_SETUID,           CAP_SETPCAP,
    CAP_NET_RAW,     CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE, CAP_MKNOD,
    CAP_AUDIT_WRITE, CAP_SETFCAP};

}  // namespace

bool KeepContainerCapabilities() {
  uint64_t kept = 0;
  for (const int capability : kDefaults) kept |= uint64_t{1} << capability;
  // What root has after it executes a program.
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if ((kept >> capability & 1) == 0 &&
        ::prctl(PR_CAPBSET_READ, capability) == 1 &&
        ::prctl(PR_CAPBSET_DROP, capability) != 0) {
      return false;
    }
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].effective = static_cast<uint32_t>(kept);
  data[0].permitted = data[0].effective;
  return ::syscall(SYS_capset, &header, data) == 0;
}

bool RunAsInContainer(const std::function<void()>& body) {
  bool permitted = false;
  std::thread([&] {
    permitted = KeepContainerCapabilities();
    if (permitted) body();
  }).join();
  return permitted;
}

}  // namespace gatewatch::testing
