#ifndef GATEWATCH_PROBES_SECCOMP_VDSO_ROOM_H_
#define GATEWATCH_PROBES_SECCOMP_VDSO_ROOM_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::probes {

// The address of `size` unused bytes at the end of the process's vDSO
// (vdso(7)), the one piece of executable memory that every process has and
// whose last page is never full. Bytes that begin with `previous`, what an
// earlier injection left there, count as unused. FailedPrecondition when there
// is no such room.
absl::StatusOr<uint64_t> FindVdsoRoom(pid_t pid, size_t size,
                                      absl::string_view previous);

// The memory of another process (process_vm_readv(2)); all of it or false.
bool ReadMemory(pid_t pid, uint64_t address, void* into, size_t size);
bool WriteMemory(pid_t pid, uint64_t address, absl::string_view bytes);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_VDSO_ROOM_H_
