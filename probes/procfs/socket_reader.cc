#include "probes/procfs/socket_reader.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "probes/procfs/parsers.h"
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

absl::StatusOr<Socket> AskSocket(const UniqueFd& copy) {
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

}  // namespace

absl::StatusOr<Socket> ReadSocket(const ProcReader& proc, pid_t pid, int pidfd,
                                  int fd) {
  const auto copy = proc.CopyDescriptor(pid, pidfd, fd);
  if (copy.ok()) return AskSocket(*copy);
  if (!absl::IsPermissionDenied(copy.status()) &&
      !absl::IsFailedPrecondition(copy.status())) {
    return copy.status();
  }
  GATEWATCH_ASSIGN_OR_RETURN(const std::string link,
                             proc.Link(pid, absl::StrCat("fd/", fd).c_str()));
  if (!absl::StartsWith(link, "socket:[")) {
    return absl::FailedPreconditionError("not a socket");
  }
  return FindSocket(ParseNamespaceLink(link));
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
