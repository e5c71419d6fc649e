#ifndef GATEWATCH_PROBES_BPF_BPF_PROGRAM_H_
#define GATEWATCH_PROBES_BPF_BPF_PROGRAM_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "probes/bpf/abi.h"
#include "probes/capture_level.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// Which processes are observed: those for which all that is set holds. Never
// this process itself.
struct BpfScope {
  pid_t root_pid = 0;          // it and its descendants
  uint64_t pid_namespace = 0;  // inode: the namespace and those below it
  std::string cgroup;          // folder: the cgroup (v2) and those below it
};

// The BPF programs, loaded and attached, and their ring buffer.
//
// Threads: not safe. Nothing of the kernel is left when it is gone.
class BpfProgram {
 public:
  // FailedPrecondition or PermissionDenied with what this host lacks. `take`
  // is called by Poll() for each record; the bytes are valid until it returns.
  static absl::StatusOr<std::unique_ptr<BpfProgram>> Load(
      const BpfScope& scope, std::function<void(absl::string_view)> take);
  ~BpfProgram();

  // Hands over what the ring buffer holds; waits for it at most that long, or
  // until it is filled well.
  void Poll(absl::Duration wait);

  // No record is made from now on; those that were made can be polled.
  void Detach();

  // As Probe::Limit().
  void Limit(CaptureLevel level);

  // Makes records of these calls alone from now on.
  void Observe(absl::Span<const SyscallRow> rows);

  // Whether the root and all its descendants have ended. Without a root: no.
  bool RootIsGone() const;

  // How many records did not fit into the ring buffer since the start, by
  // call number and GW_LOST_*.
  using LostCounts = std::array<uint64_t, GW_LOST_SLOTS>;
  LostCounts ReadLost() const;

  // How many calls Limit() left out since the start, by number.
  using CallCounts = std::array<uint64_t, GW_CALLS>;
  CallCounts ReadLeftOut() const;

 private:
  struct Handles;

  explicit BpfProgram(std::function<void(absl::string_view)> take);
  absl::Status Start(const BpfScope& scope);
  absl::Status FillMaps(const BpfScope& scope);
  static int TakeRecord(void* self, void* bytes, size_t size);

  const std::function<void(absl::string_view)> take_;
  bool has_root_ = false;
  const std::unique_ptr<Handles> handles_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_BPF_BPF_PROGRAM_H_
