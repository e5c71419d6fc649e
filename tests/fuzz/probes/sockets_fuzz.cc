#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "probes/procfs/socket_entry.h"

namespace gatewatch::probes {
namespace {

void CheckEntries(const std::vector<SocketEntry>& entries) {
  for (const SocketEntry& entry : entries) {
    for (const Address* end : {&entry.socket.local, &entry.socket.remote}) {
      GATEWATCH_CHECK(end->ip.empty() || end->ip.size() == 4 ||
                      end->ip.size() == 16);
    }
  }
}

}  // namespace
}  // namespace gatewatch::probes

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatewatch::probes;  // NOLINT
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckEntries(ParseProcNet(bytes, AF_INET, IPPROTO_TCP));
  CheckEntries(ParseProcNet(bytes, AF_INET6, IPPROTO_UDP));
  std::vector<SocketEntry> entries;
  int error = 0;
  ParseInetDiag(bytes, IPPROTO_TCP, entries, error);
  CheckEntries(entries);
  return 0;
}
