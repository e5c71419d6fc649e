#include <sys/un.h>

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "probes/syscalls/sockaddr.h"

// Any bytes may be passed for a socket address.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed = gatewatch::probes::ParseSockaddr(
      {reinterpret_cast<const char*>(data), size});
  const size_t ip = parsed.address.ip.size();
  GATEWATCH_CHECK(ip == 0 || ip == 4 || ip == 16);
  GATEWATCH_CHECK(parsed.address.path.size() <= sizeof(sockaddr_un::sun_path));
  GATEWATCH_CHECK(ip == 0 || parsed.address.path.empty());
  return 0;
}
