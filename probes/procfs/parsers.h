#ifndef GATEWATCH_PROBES_PROCFS_PARSERS_H_
#define GATEWATCH_PROBES_PROCFS_PARSERS_H_

// Parsers of proc(5) files: pure functions over text that a workload can
// influence (comm, cmdline, environ), so no content may confuse them.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// The fields of /proc/PID/stat that are used here.
struct ProcStat {
  pid_t pid = 0;
  std::string name;  // comm: up to 15 bytes of anything, ")" included
  char state = '?';
  pid_t parent_pid = 0;
  pid_t process_group = 0;
  pid_t session = 0;
  uint32_t tty = 0;
  uint32_t threads = 0;
  uint64_t start_ticks = 0;
};
std::optional<ProcStat> ParseStat(absl::string_view text);

// The fields of /proc/PID/status that are used here.
struct ProcStatus {
  pid_t thread_group = 0;   // Tgid
  pid_t namespace_pid = 0;  // the last number of NSpid; 0 before Linux 4.1
  Credentials credentials;  // login_uid is in another file
};
std::optional<ProcStatus> ParseStatus(absl::string_view text);

// Strings that each end with a NUL: cmdline, environ. The last may lack it.
std::vector<std::string> SplitAtNul(absl::string_view text);

// The inode in a link such as "pid:[4026531836]" or "socket:[1234]"; 0 when
// there is none.
uint64_t ParseNamespaceLink(absl::string_view link);

// The pids in /proc/PID/task/TID/children.
std::vector<pid_t> ParseChildren(absl::string_view text);

// The process in /proc/PID/fdinfo/N of a pidfd; 0 for other descriptors and
// when it is gone or in no namespace of the reader's.
pid_t ParsePidfdInfo(absl::string_view text);

// What a /proc/PID/fd/N link says; `path` only for what lies in a file
// system. A path is not looked at, so directories and devices other than
// terminals and /dev/null count as files.
Descriptor ParseDescriptorLink(absl::string_view link);

// What a /proc/PID/exe link says: path, deleted, in_memory.
Executable ParseExecutableLink(absl::string_view link);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_PARSERS_H_
