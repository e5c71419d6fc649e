#ifndef GATEWATCH_PROBES_SYSCALLS_DECODER_H_
#define GATEWATCH_PROBES_SYSCALLS_DECODER_H_

#include <fcntl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "probes/observation.h"
#include "probes/syscalls/remote_memory.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// The limits of what is read of one call.
inline constexpr size_t kPathLimit = 4096;  // PATH_MAX
inline constexpr size_t kArgumentCountLimit = 4096;
inline constexpr size_t kArgumentBytesLimit = 32 << 10;
inline constexpr size_t kGroupCountLimit = 64;

// A call's arguments by their meaning. Those that the call does not have are
// at their defaults.
struct DecodedCall {
  int dir_fd = AT_FDCWD;
  std::string path;
  int new_dir_fd = AT_FDCWD;
  std::string new_path;
  std::string text;
  uint32_t flags = 0;
  uint32_t mode = 0;
  std::vector<std::string> argv;
  bool argv_truncated = false;
  int fd = -1;
  int new_fd = -1;
  uint32_t family = 0;  // from the address, or socket(2)'s argument
  Address address;
  uint32_t socket_type = 0;  // socket(2)'s argument, without flags
  uint32_t protocol = 0;
  pid_t pid = 0;
  int64_t request = 0;
  int status = 0;
  std::optional<uint32_t> uid, effective_uid, saved_uid;
  std::optional<uint32_t> gid, effective_gid, saved_gid;
  std::optional<uint32_t> file_system_uid, file_system_gid;
  std::vector<uint32_t> groups;
  std::optional<CapabilitySets> capabilities;
  int signal = 0;
  std::string file_system;
  uint32_t node_device = 0;
  uint64_t memory_address = 0;
  uint64_t size = 0;  // of memory or of a file
  uint32_t protection = 0;
  bool truncated = false;
};

// Reads what the arguments point to. NotFound when the process is gone;
// Internal when a pointer is bad, which makes the call itself fail as well
// (EFAULT).
absl::StatusOr<DecodedCall> Decode(const SyscallRow& row,
                                   const RegisterArguments& arguments,
                                   const RemoteMemory& memory);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_DECODER_H_
