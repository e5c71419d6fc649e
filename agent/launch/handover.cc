#include "agent/launch/handover.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/status.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::agent {
namespace {

constexpr int kBacklog = 64;

struct AbstractAddress {
  sockaddr_un address;
  socklen_t length;
};

AbstractAddress AddressOf(const char* name) {
  AbstractAddress result{};
  result.address.sun_family = AF_UNIX;
  // A leading NUL makes the name abstract (unix(7)); the rest is cut to fit.
  const size_t length =
      std::min(strlen(name), sizeof(result.address.sun_path) - 1);
  memcpy(result.address.sun_path + 1, name, length);
  result.length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  return result;
}

UniqueFd OpenSocket(int flags) {
  return UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));
}

// Room for exactly two descriptors.
union DescriptorSpace {
  cmsghdr header;
  char space[CMSG_SPACE(2 * sizeof(int))];
};

// Abstract names belong to whoever binds them first.
bool IsTrusted(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == ::geteuid());
}

bool IsSlotMemory(int fd) {
  struct stat status;
  const int seals = ::fcntl(fd, F_GET_SEALS);
  // Memory that its sender shrinks would kill whoever reads it (SIGBUS).
  return seals >= 0 && (seals & F_SEAL_SHRINK) != 0 &&
         ::fstat(fd, &status) == 0 &&
         status.st_size >= static_cast<off_t>(sizeof(probes::NotifySlot));
}

// Whether `got` bytes that were received are one; longer is a later version's.
bool IsHandover(const Handover& handover, ssize_t got) {
  return got >= static_cast<ssize_t>(sizeof(handover)) &&
         handover.magic == Handover::kMagic &&
         handover.count_entries <= Handover::kCountLimit;
}

// Takes ownership of what came along, however much it is.
void TakeDescriptors(msghdr& message, ReceivedHandover& received) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    std::array<int, 2> fds = {-1, -1};
    const size_t bytes = std::min(sizeof(fds), control->cmsg_len - CMSG_LEN(0));
    memcpy(fds.data(), CMSG_DATA(control), bytes);
    received.listener.Reset(fds[0]);
    received.slot_memory.Reset(fds[1]);
  }
}

}  // namespace

UniqueFd ConnectToAgent(const char* name) {
  UniqueFd fd = OpenSocket(SOCK_NONBLOCK);
  const AbstractAddress address = AddressOf(name);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.address),
                address.length) != 0 ||
      !IsTrusted(fd.get())) {
    return UniqueFd();
  }
  return fd;
}

absl::StatusOr<UniqueFd> ListenForLaunchers(const char* name) {
  UniqueFd fd = OpenSocket(0);
  if (!fd.valid()) return ErrnoStatus(errno, "socket");
  const AbstractAddress address = AddressOf(name);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.address),
             address.length) != 0) {
    if (errno != EADDRINUSE) return ErrnoStatus(errno, "bind");
    return absl::FailedPreconditionError(
        "another agent listens for launchers already; stop it, or give this "
        "one another --launch-socket");
  }
  if (::listen(fd.get(), kBacklog) != 0) return ErrnoStatus(errno, "listen");
  return fd;
}

bool SendHandover(int socket, const Handover& handover, int listener,
                  int slot_memory) {
  iovec part{const_cast<Handover*>(&handover), sizeof(handover)};
  DescriptorSpace descriptors{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &descriptors;
  message.msg_controllen = sizeof(descriptors);
  cmsghdr* control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const int fds[] = {listener, slot_memory};
  memcpy(CMSG_DATA(control), fds, sizeof(fds));
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(sizeof(handover));
}

bool SendAbsence(int socket, const Handover& handover) {
  return ::send(socket, &handover, sizeof(handover),
                MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(sizeof(handover));
}

absl::StatusOr<Handover> ReceiveAbsence(int socket) {
  Handover handover;
  const ssize_t got = ::recv(socket, &handover, sizeof(handover), MSG_DONTWAIT);
  if (!IsHandover(handover, got)) {
    return absl::InvalidArgumentError("not a launcher's message");
  }
  return handover;
}

absl::StatusOr<ReceivedHandover> ReceiveHandover(int socket) {
  ReceivedHandover received;
  iovec part{&received.handover, sizeof(received.handover)};
  DescriptorSpace descriptors{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &descriptors;
  message.msg_controllen = sizeof(descriptors);
  const ssize_t got =
      ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0) return ErrnoStatus(errno, "recvmsg");
  TakeDescriptors(message, received);
  if (!IsHandover(received.handover, got)) {
    return absl::InvalidArgumentError("not a launcher's message");
  }
  if (!received.listener.valid() ||
      !probes::NotifyFd::IsListener(received.listener.get()) ||
      !received.slot_memory.valid() ||
      !IsSlotMemory(received.slot_memory.get())) {
    return absl::InvalidArgumentError(
        "the launcher's descriptors are not a listener and its memory");
  }
  return received;
}

}  // namespace gatewatch::agent
