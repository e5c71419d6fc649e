#ifndef GATEWATCH_PROBES_PROCFS_SOCKET_LISTER_H_
#define GATEWATCH_PROBES_PROCFS_SOCKET_LISTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "probes/procfs/socket_entry.h"

namespace gatewatch::probes {

// Lists the UDP and TCP sockets of this network namespace: by sock_diag(7),
// which needs no privilege, or where that is not answered from /proc/net.
//
// Threads: one at a time.
class SocketLister {
 public:
  // `proc_root` is where procfs is mounted.
  explicit SocketLister(std::string proc_root = "/proc");

  // IPv4 and IPv6 sockets of IPPROTO_TCP (those that listen or are
  // established) or IPPROTO_UDP (all); only those with that local port unless
  // it is 0.
  std::vector<SocketEntry> List(uint32_t protocol, uint16_t local_port = 0);

 private:
  absl::StatusOr<std::vector<SocketEntry>> Dump(uint32_t family,
                                                uint32_t protocol,
                                                uint16_t local_port);
  std::vector<SocketEntry> Read(uint32_t family, uint32_t protocol,
                                uint16_t local_port) const;
  absl::Status Ask(uint32_t family, uint32_t protocol, uint16_t local_port);

  const std::string proc_root_;
  UniqueFd netlink_;  // not valid: read files
  std::string buffer_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SOCKET_LISTER_H_
