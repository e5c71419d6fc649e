#ifndef GATEWATCH_BASE_LOCATE_H_
#define GATEWATCH_BASE_LOCATE_H_

#include <cstdint>
#include <string>

#include "base/unique_fd.h"

namespace gatewatch {

// A descriptor (O_PATH) of what `path` leads to when the directory `root_fd`
// is taken for the root: the way into a container's files that no link of its
// own leads out of. Opens nothing, since opening a device or a pipe has
// effects. `flags` (O_DIRECTORY …) and `resolve` (RESOLVE_NO_XDEV …) come on
// top. Invalid when there is nothing, or it may not be reached; errno says
// which.
UniqueFd LocateInRoot(int root_fd, const std::string& path, uint64_t flags = 0,
                      uint64_t resolve = 0);

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_LOCATE_H_
