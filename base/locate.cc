#include "base/locate.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gatewatch {

UniqueFd LocateInRoot(int root_fd, const std::string& path, uint64_t flags,
                      uint64_t resolve) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC | flags;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
  return UniqueFd(static_cast<int>(
      ::syscall(SYS_openat2, root_fd, path.c_str(), &how, sizeof(how))));
}

}  // namespace gatewatch
