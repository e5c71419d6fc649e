#ifndef GATEWATCH_AGENT_LAUNCH_SHARED_SLOT_H_
#define GATEWATCH_AGENT_LAUNCH_SHARED_SLOT_H_

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::agent {

// The mapping of a NotifySlot that a keeper shares. Movable, not copyable.
class SharedSlot {
 public:
  // `memory` is a descriptor that ReceiveHandover has checked.
  static absl::StatusOr<SharedSlot> Map(const UniqueFd& memory);

  SharedSlot(SharedSlot&& other) noexcept;
  SharedSlot& operator=(SharedSlot&& other) = delete;
  ~SharedSlot();

  probes::NotifySlot& operator*() const { return *slot_; }

 private:
  explicit SharedSlot(probes::NotifySlot* slot) : slot_(slot) {}
  probes::NotifySlot* slot_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_SHARED_SLOT_H_
