#ifndef GATEWATCH_PROBES_PROCFS_UID_HELPER_PROCESS_H_
#define GATEWATCH_PROBES_PROCFS_UID_HELPER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>

#include "probes/procfs/proc_fallback.h"

namespace gatewatch::probes {

// What a uid helper is asked, one message each over a SOCK_SEQPACKET pair.
struct HelperRequest {
  enum class Kind : uint8_t { kLink, kContent, kOpen, kSockets };
  Kind kind = Kind::kLink;
  ProcItem item = ProcItem::kExecutable;
  int32_t pid = 0;
  int32_t number = 0;  // of kDescriptor
  uint32_t limit = 0;  // kContent: bytes
};

// What it answers: this, then `size` bytes; kOpen carries the descriptor.
struct HelperAnswer {
  static constexpr size_t kMaxBytes = 64 << 10;
  int32_t error = 0;  // an errno
  uint32_t size = 0;
};

// Becomes a user of these ids and answers requests on `socket` until its other
// end is closed. Runs in a child made by fork(2), possibly of a process with
// threads: makes system calls only and allocates nothing. It holds a copy of
// its parent's memory, so it stays undumpable: no other process of that user
// may look into it.
[[noreturn]] void RunUidHelper(int socket, uid_t uid, gid_t gid, pid_t parent,
                               const char* proc_root);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_UID_HELPER_PROCESS_H_
