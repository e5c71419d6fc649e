#include "probes/seccomp/vdso_room.h"

#include <sys/uio.h>

#include <cinttypes>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kAlignment = 16;
constexpr size_t kMapsLimit = 16 << 20;
constexpr size_t kVdsoLimit = 1 << 20;

// First and last address of the vDSO.
absl::StatusOr<std::pair<uint64_t, uint64_t>> FindVdso(pid_t pid) {
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string maps,
      ReadFile(absl::StrCat("/proc/", pid, "/maps"), kMapsLimit));
  for (const absl::string_view line : absl::StrSplit(maps, '\n')) {
    if (!absl::EndsWith(line, " [vdso]")) continue;
    uint64_t begin = 0, end = 0;
    if (sscanf(std::string(line).c_str(), "%" SCNx64 "-%" SCNx64, &begin,
               &end) == 2 &&
        begin < end && end - begin <= kVdsoLimit) {
      return std::make_pair(begin, end);
    }
  }
  return absl::FailedPreconditionError("it has no vDSO");
}

}  // namespace

absl::StatusOr<uint64_t> FindVdsoRoom(pid_t pid, size_t size,
                                      absl::string_view previous) {
  GATEWATCH_ASSIGN_OR_RETURN(const auto vdso, FindVdso(pid));
  const uint64_t room = (vdso.second - size) & ~(kAlignment - 1);
  if (room < vdso.first) {
    return absl::FailedPreconditionError("its vDSO is too small");
  }
  std::string bytes(vdso.second - room, '\0');
  if (!ReadMemory(pid, room, bytes.data(), bytes.size())) {
    return ErrnoStatus(errno, "process_vm_readv", pid);
  }
  if (!absl::StartsWith(bytes, previous) &&
      bytes.find_first_not_of('\0') != std::string::npos) {
    return absl::FailedPreconditionError("its vDSO has no unused bytes");
  }
  return room;
}

bool ReadMemory(pid_t pid, uint64_t address, void* into, size_t size) {
  iovec local{into, size};
  iovec remote{reinterpret_cast<void*>(address), size};
  return ::process_vm_readv(pid, &local, 1, &remote, 1, 0) ==
         static_cast<ssize_t>(size);
}

bool WriteMemory(pid_t pid, uint64_t address, absl::string_view bytes) {
  iovec local{const_cast<char*>(bytes.data()), bytes.size()};
  iovec remote{reinterpret_cast<void*>(address), bytes.size()};
  return ::process_vm_writev(pid, &local, 1, &remote, 1, 0) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace gatewatch::probes
