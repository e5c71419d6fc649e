#include "probes/procfs/socket_lister.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kReadSize = 64 << 10;
constexpr size_t kFileLimit = 16 << 20;

constexpr uint32_t Bit(SocketState state) {
  return 1u << static_cast<uint32_t>(state);
}

// "The local port is `port`", in inet_diag's filter language: two conditions,
// each a code and the number it compares with. A condition that does not hold
// leads behind the end of the program.
struct PortCondition {
  inet_diag_bc_op operation;
  inet_diag_bc_op operand;
};
struct PortFilter {
  PortCondition conditions[2];
};

PortFilter LocalPortIs(uint16_t port) {
  constexpr auto kStep = static_cast<unsigned char>(sizeof(PortCondition));
  constexpr auto kAll = static_cast<unsigned short>(sizeof(PortFilter));
  return {{{{INET_DIAG_BC_S_GE, kStep, kAll + 4}, {0, 0, port}},
           {{INET_DIAG_BC_S_LE, kStep, kStep + 4}, {0, 0, port}}}};
}

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
  nlattr attribute;
  PortFilter filter;
};

}  // namespace

SocketLister::SocketLister(std::string proc_root)
    : proc_root_(std::move(proc_root)), buffer_(kReadSize, '\0') {
  // Another procfs is another host's, or a test's.
  if (proc_root_ != "/proc") return;
  netlink_.Reset(
      ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  const timeval patience{1, 0};
  if (netlink_.valid()) {
    ::setsockopt(netlink_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                 sizeof(patience));
  }
}

absl::Status SocketLister::Ask(uint32_t family, uint32_t protocol,
                               uint16_t local_port) {
  Request request{};
  const size_t size =
      local_port == 0 ? offsetof(Request, attribute) : sizeof(request);
  request.header.nlmsg_len = static_cast<uint32_t>(size);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<uint8_t>(family);
  request.body.sdiag_protocol = static_cast<uint8_t>(protocol);
  request.body.idiag_states =
      protocol == IPPROTO_TCP
          ? Bit(SocketState::kListening) | Bit(SocketState::kEstablished)
          : UINT32_MAX;
  request.attribute.nla_type = INET_DIAG_REQ_BYTECODE;
  request.attribute.nla_len =
      static_cast<uint16_t>(sizeof(request.attribute) + sizeof(PortFilter));
  request.filter = LocalPortIs(local_port);
  if (::send(netlink_.get(), &request, size, 0) < 0) {
    return ErrnoStatus(errno, "sock_diag");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SocketEntry>> SocketLister::Dump(
    uint32_t family, uint32_t protocol, uint16_t local_port) {
  GATEWATCH_RETURN_IF_ERROR(Ask(family, protocol, local_port));
  std::vector<SocketEntry> entries;
  int error = 0;
  while (true) {
    const ssize_t got =
        ::recv(netlink_.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "sock_diag");
    const absl::string_view bytes(buffer_.data(), static_cast<size_t>(got));
    if (!ParseInetDiag(bytes, protocol, entries, error)) break;
  }
  // No such protocol loaded means that nobody has a socket of it.
  if (error == ENOENT) return entries;
  if (error != 0) return ErrnoStatus(error, "sock_diag");
  return entries;
}

std::vector<SocketEntry> SocketLister::Read(uint32_t family, uint32_t protocol,
                                            uint16_t local_port) const {
  const auto text = ReadFile(
      absl::StrCat(proc_root_, "/net/", protocol == IPPROTO_TCP ? "tcp" : "udp",
                   family == AF_INET6 ? "6" : ""),
      kFileLimit);
  if (!text.ok()) return {};
  std::vector<SocketEntry> entries = ParseProcNet(*text, family, protocol);
  const auto unwanted = [&](const SocketEntry& entry) {
    const bool state = protocol == IPPROTO_UDP ||
                       entry.state == SocketState::kListening ||
                       entry.state == SocketState::kEstablished;
    return !state || (local_port != 0 && entry.socket.local.port != local_port);
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), unwanted),
                entries.end());
  return entries;
}

std::vector<SocketEntry> SocketLister::List(uint32_t protocol,
                                            uint16_t local_port) {
  std::vector<SocketEntry> all;
  for (const uint32_t family : {AF_INET, AF_INET6}) {
    std::vector<SocketEntry> some;
    if (netlink_.valid()) {
      auto dumped = Dump(family, protocol, local_port);
      if (!dumped.ok())
        netlink_.Reset();  // its answers would be out of step
      else
        some = *std::move(dumped);
    }
    if (!netlink_.valid()) some = Read(family, protocol, local_port);
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace gatewatch::probes
