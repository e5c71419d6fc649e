#include "agent/launch/shared_slot.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "base/status.h"

namespace gatewatch::agent {

absl::StatusOr<SharedSlot> SharedSlot::Map(const UniqueFd& memory) {
  void* mapped = ::mmap(nullptr, sizeof(probes::NotifySlot),
                        PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (mapped == MAP_FAILED) return ErrnoStatus(errno, "mmap");
  return SharedSlot(static_cast<probes::NotifySlot*>(mapped));
}

SharedSlot::SharedSlot(SharedSlot&& other) noexcept
    : slot_(std::exchange(other.slot_, nullptr)) {}

SharedSlot::~SharedSlot() {
  if (slot_ != nullptr) ::munmap(slot_, sizeof(probes::NotifySlot));
}

}  // namespace gatewatch::agent
