#include "probes/procfs/socket_reader.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/status.h"
#include "base/unique_fd.h"
#include "probes/procfs/socket_lister.h"
#include "probes/syscalls/sockaddr.h"

namespace gatewatch::probes {
namespace {

uint32_t Option(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return 0;
  return static_cast<uint32_t>(value);
}

using NameCall = int (*)(int, sockaddr*, socklen_t*);

Address Name(int fd, NameCall call) {
  sockaddr_storage storage;
  socklen_t size = sizeof(storage);
  auto* bytes = reinterpret_cast<char*>(&storage);
  if (call(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  Address name =
      ParseSockaddr({bytes, std::min<size_t>(size, sizeof(storage))}).address;
  // What a socket answers that has no address yet.
  const bool none =
      name.port == 0 && name.ip.find_first_not_of('\0') == std::string::npos;
  if (none) name.ip.clear();
  return name;
}

}  // namespace

absl::StatusOr<Socket> ReadSocket(int pidfd, int fd) {
  const UniqueFd copy(
      static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd, fd, 0)));
  if (!copy.valid()) return ErrnoStatus(errno, "pidfd_getfd", fd);
  Socket socket;
  socket.family = Option(copy.get(), SO_DOMAIN);
  if (socket.family == 0) {
    return absl::FailedPreconditionError("not a socket");
  }
  socket.type = Option(copy.get(), SO_TYPE);
  socket.protocol = Option(copy.get(), SO_PROTOCOL);
  socket.local = Name(copy.get(), ::getsockname);
  socket.remote = Name(copy.get(), ::getpeername);
  return socket;
}

absl::StatusOr<Socket> FindSocket(uint64_t inode) {
  SocketLister lister;
  for (const uint32_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
    for (SocketEntry& entry : lister.List(protocol)) {
      if (entry.inode == inode && inode != 0) return std::move(entry.socket);
    }
  }
  return absl::NotFoundError("no such socket");
}

}  // namespace gatewatch::probes
