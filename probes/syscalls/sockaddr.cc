#include "probes/syscalls/sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace gatewatch::probes {
namespace {

Address ParseInet(absl::string_view bytes) {
  sockaddr_in in;
  if (bytes.size() < sizeof(in)) return {};
  memcpy(&in, bytes.data(), sizeof(in));
  return {.ip = std::string(reinterpret_cast<const char*>(&in.sin_addr), 4),
          .port = ntohs(in.sin_port)};
}

Address ParseInet6(absl::string_view bytes) {
  sockaddr_in6 in;
  // The kernel takes addresses without sin6_scope_id too (RFC 2133).
  constexpr size_t kShortest = offsetof(sockaddr_in6, sin6_scope_id);
  if (bytes.size() < kShortest) return {};
  memcpy(&in, bytes.data(), std::min(bytes.size(), sizeof(in)));
  const auto* ip = reinterpret_cast<const char*>(&in.sin6_addr);
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&in.sin6_addr);
  return {.ip = mapped ? std::string(ip + 12, 4) : std::string(ip, 16),
          .port = ntohs(in.sin6_port)};
}

Address ParseUnix(absl::string_view bytes) {
  bytes.remove_prefix(offsetof(sockaddr_un, sun_path));
  bytes = bytes.substr(0, sizeof(sockaddr_un::sun_path));
  // An abstract name may hold NULs and ends with the length; a path ends at
  // its NUL.
  if (!bytes.empty() && bytes[0] != '\0') {
    bytes = bytes.substr(0, bytes.find('\0'));
  }
  return {.path = std::string(bytes)};
}

}  // namespace

ParsedSockaddr ParseSockaddr(absl::string_view bytes) {
  sa_family_t family;
  if (bytes.size() < sizeof(family)) return {};
  memcpy(&family, bytes.data(), sizeof(family));
  switch (family) {
    case AF_INET:
      return {family, ParseInet(bytes)};
    case AF_INET6:
      return {family, ParseInet6(bytes)};
    case AF_UNIX:
      return {family, ParseUnix(bytes)};
    default:
      return {family, {}};
  }
}

}  // namespace gatewatch::probes
