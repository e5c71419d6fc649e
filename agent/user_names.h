#ifndef GATEWATCH_AGENT_USER_NAMES_H_
#define GATEWATCH_AGENT_USER_NAMES_H_

#include <sys/types.h>

#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace gatewatch::agent {

using NamesById = absl::flat_hash_map<uint32_t, std::string>;

// The names in the content of an /etc/passwd. Lines that are not of its form
// are passed over; names longer than 64 bytes or not printable ASCII are not
// taken. The first name of an id counts.
NamesById ParsePasswd(absl::string_view content);

// Knows user names as containers' own /etc/passwd have them, read through
// /proc/PID/root and kept for a while for each mount namespace.
//
// The file is the workload's: it is only opened when it is a regular file on
// the root's own file system, reached by no link out of the root, and only its
// first 64 KiB count. A /etc on a mount of its own gives no names.
//
// Threads: one.
class UserNames {
 public:
  explicit UserNames(std::string proc_root = "/proc");

  // Empty when there is no name, or it cannot be read. `pid` must be in the
  // mount namespace with inode `mount_namespace`; 0: unknown, no name.
  // `now_ns`: a monotonic clock's.
  std::string Find(pid_t pid, uint64_t mount_namespace, uint32_t uid,
                   uint64_t now_ns);

 private:
  struct Entry {
    NamesById names;
    uint64_t read_ns = 0;
    std::list<uint64_t>::iterator place;
  };

  // Nothing: the process has ended or may not be looked into, which says
  // nothing of the file. What is known is kept, and the next is asked.
  std::optional<NamesById> Read(pid_t pid, uint64_t mount_namespace) const;

  const std::string proc_root_;
  absl::flat_hash_map<uint64_t, Entry> by_namespace_;
  std::list<uint64_t> order_;  // oldest read first
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_USER_NAMES_H_
