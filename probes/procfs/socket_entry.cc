#include "probes/procfs/socket_entry.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace gatewatch::probes {
namespace {

SocketState StateOf(uint32_t number) {
  switch (number) {
    case 1:
      return SocketState::kEstablished;
    case 7:
      return SocketState::kClosed;
    case 10:
      return SocketState::kListening;
    default:
      return SocketState::kOther;
  }
}

uint32_t TypeOf(uint32_t protocol) {
  return protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
}

// An address of 4 or 16 bytes as observations give it: mapped IPv4 as IPv4,
// and none at all as empty.
Address MakeAddress(absl::string_view ip, uint16_t port) {
  constexpr absl::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  Address address;
  address.port = port;
  if (ip.size() == 16 && absl::StartsWith(ip, kMapped)) ip.remove_prefix(12);
  const bool any = ip.find_first_not_of('\0') == ip.npos;
  if (!any || port != 0) address.ip = std::string(ip);
  return address;
}

// "0100007F:1F90": words of 32 bits as this machine writes them, then a port.
std::optional<Address> ParseEnd(absl::string_view text, uint32_t family) {
  const size_t digits = family == AF_INET ? 8 : 32;
  uint32_t port = 0;
  if (text.size() != digits + 5 || text[digits] != ':' ||
      !absl::SimpleHexAtoi(text.substr(digits + 1), &port)) {
    return std::nullopt;
  }
  std::string ip;
  for (size_t at = 0; at < digits; at += 8) {
    uint32_t word = 0;
    if (!absl::SimpleHexAtoi(text.substr(at, 8), &word)) return std::nullopt;
    ip.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  return MakeAddress(ip, static_cast<uint16_t>(port));
}

std::optional<SocketEntry> ParseLine(absl::string_view line, uint32_t family,
                                     uint32_t protocol) {
  // sl local remote st queues timer retransmits uid timeout inode …
  const std::vector<absl::string_view> fields =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (fields.size() < 10) return std::nullopt;
  const auto local = ParseEnd(fields[1], family);
  const auto remote = ParseEnd(fields[2], family);
  uint32_t state = 0;
  SocketEntry entry;
  if (!local || !remote || !absl::SimpleHexAtoi(fields[3], &state) ||
      !absl::SimpleAtoi(fields[9], &entry.inode)) {
    return std::nullopt;
  }
  entry.state = StateOf(state);
  entry.socket = {family, TypeOf(protocol), protocol, *local, *remote};
  return entry;
}

SocketEntry EntryOf(const inet_diag_msg& message, uint32_t protocol) {
  const size_t size = message.idiag_family == AF_INET ? 4 : 16;
  const auto end = [&](const __be32(&ip)[4], __be16 port) {
    return MakeAddress({reinterpret_cast<const char*>(ip), size}, ntohs(port));
  };
  SocketEntry entry;
  entry.socket.family = message.idiag_family;
  entry.socket.type = TypeOf(protocol);
  entry.socket.protocol = protocol;
  entry.socket.local = end(message.id.idiag_src, message.id.idiag_sport);
  entry.socket.remote = end(message.id.idiag_dst, message.id.idiag_dport);
  entry.state = StateOf(message.idiag_state);
  entry.inode = message.idiag_inode;
  return entry;
}

}  // namespace

std::vector<SocketEntry> ParseProcNet(absl::string_view text, uint32_t family,
                                      uint32_t protocol) {
  std::vector<SocketEntry> entries;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (auto entry = ParseLine(line, family, protocol)) {
      entries.push_back(*std::move(entry));
    }
  }
  return entries;
}

bool ParseInetDiag(absl::string_view bytes, uint32_t protocol,
                   std::vector<SocketEntry>& entries, int& error) {
  nlmsghdr header;
  while (bytes.size() >= sizeof(header)) {
    memcpy(&header, bytes.data(), sizeof(header));
    if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > bytes.size()) {
      error = EBADMSG;
      return false;
    }
    absl::string_view body =
        bytes.substr(sizeof(header), header.nlmsg_len - sizeof(header));
    bytes.remove_prefix(
        std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
    if (header.nlmsg_type == NLMSG_DONE) return false;
    if (header.nlmsg_type == NLMSG_ERROR) {
      int32_t number = -EBADMSG;
      if (body.size() >= sizeof(number)) {
        memcpy(&number, body.data(), sizeof(number));
      }
      error = -number;
      return false;
    }
    inet_diag_msg message;
    if (body.size() < sizeof(message)) continue;
    memcpy(&message, body.data(), sizeof(message));
    entries.push_back(EntryOf(message, protocol));
  }
  return true;
}

}  // namespace gatewatch::probes
