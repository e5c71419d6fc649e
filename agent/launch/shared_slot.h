#ifndef GATEWATCH_AGENT_LAUNCH_SHARED_SLOT_H_
#define GATEWATCH_AGENT_LAUNCH_SHARED_SLOT_H_

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::agent {

// A NotifySlot in memory that a keeper and an agent share. Movable, not
// copyable.
class SharedSlot {
 public:
  // New memory, for a keeper.
  static absl::StatusOr<SharedSlot> Create();
  // A keeper's memory, which ReceiveHandover has checked.
  static absl::StatusOr<SharedSlot> Map(UniqueFd memory);

  SharedSlot(SharedSlot&& other) noexcept;
  SharedSlot& operator=(SharedSlot&& other) = delete;
  ~SharedSlot();

  probes::NotifySlot& operator*() const { return *slot_; }
  int memory() const { return memory_.get(); }

 private:
  SharedSlot(UniqueFd memory, probes::NotifySlot* slot)
      : memory_(std::move(memory)), slot_(slot) {}

  UniqueFd memory_;
  probes::NotifySlot* slot_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_SHARED_SLOT_H_
