#include "tests/unit/launch/peer.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "probes/seccomp/filter.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::testing {

UniqueFd RealListener() {
  UniqueFd listener;
  std::thread([&] {
    const auto program = probes::BuildFilter({}, probes::NativeArchitecture());
    const sock_fprog filter{static_cast<unsigned short>(program.size()),
                            const_cast<sock_filter*>(program.data())};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    listener.Reset(
        static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                   SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter)));
  }).join();
  return listener;
}

UniqueFd SlotMemory() {
  return SlotMemory(sizeof(probes::NotifySlot), F_SEAL_SHRINK);
}

UniqueFd SlotMemory(size_t size, unsigned seals) {
  UniqueFd memory(::memfd_create("test-slot", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  GATEWATCH_CHECK(::ftruncate(memory.get(), static_cast<off_t>(size)) == 0);
  GATEWATCH_CHECK(::fcntl(memory.get(), F_ADD_SEALS, seals) == 0);
  return memory;
}

void SendMessage(int socket, absl::string_view bytes,
                 const std::vector<int>& descriptors) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char space[CMSG_SPACE(16 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const size_t size = descriptors.size() * sizeof(int);
  if (size > 0) {
    message.msg_control = space;
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(control), descriptors.data(), size);
  }
  GATEWATCH_CHECK(::sendmsg(socket, &message, MSG_NOSIGNAL) ==
                  static_cast<ssize_t>(bytes.size()));
}

std::string UniqueName() {
  static int count = 0;
  return absl::StrCat("gatewatch-test-", ::getpid(), "-", count++);
}

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

}  // namespace gatewatch::testing
