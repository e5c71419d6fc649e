#ifndef GATEWATCH_PROBES_PROCFS_SOCKET_ENTRY_H_
#define GATEWATCH_PROBES_PROCFS_SOCKET_ENTRY_H_

#include <netinet/in.h>

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// The kernel's numbers for the states that matter here. UDP uses
// established for connected sockets.
enum class SocketState : uint8_t {
  kOther = 0,
  kEstablished = 1,
  kClosed = 7,
  kListening = 10,
};

// A socket of the network namespace, whoever has it.
struct SocketEntry {
  Socket socket;
  SocketState state = SocketState::kOther;
  uint64_t inode = 0;  // as in /proc/PID/fd; 0: no process has it any more
};

// Reads /proc/net/{tcp,tcp6,udp,udp6} (proc(5)). Lines that are malformed are
// left out. An IPv4 address mapped into IPv6 is given as IPv4.
std::vector<SocketEntry> ParseProcNet(absl::string_view text, uint32_t family,
                                      uint32_t protocol);

// Reads the answer to a sock_diag(7) dump, one read's worth of it, and adds
// the sockets to `entries`. True: more is to come. False: it is complete, or
// malformed, or an error, whose number is then in `error`.
bool ParseInetDiag(absl::string_view bytes, uint32_t protocol,
                   std::vector<SocketEntry>& entries, int& error);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_SOCKET_ENTRY_H_
