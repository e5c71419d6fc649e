#include "agent/launch/shared_slot.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/status.h"

namespace gatewatch::agent {

absl::StatusOr<SharedSlot> SharedSlot::Create() {
  UniqueFd memory(
      ::memfd_create("gatewatch-slot", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.valid()) return ErrnoStatus(errno, "memfd_create");
  if (::ftruncate(memory.get(), sizeof(probes::NotifySlot)) != 0 ||
      ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
    return ErrnoStatus(errno, "memfd");
  }
  return Map(std::move(memory));
}

absl::StatusOr<SharedSlot> SharedSlot::Map(UniqueFd memory) {
  void* mapped = ::mmap(nullptr, sizeof(probes::NotifySlot),
                        PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (mapped == MAP_FAILED) return ErrnoStatus(errno, "mmap");
  return SharedSlot(std::move(memory),
                    static_cast<probes::NotifySlot*>(mapped));
}

SharedSlot::SharedSlot(SharedSlot&& other) noexcept
    : memory_(std::move(other.memory_)),
      slot_(std::exchange(other.slot_, nullptr)) {}

SharedSlot::~SharedSlot() {
  if (slot_ != nullptr) ::munmap(slot_, sizeof(probes::NotifySlot));
}

}  // namespace gatewatch::agent
