#include "agent/launch/shared_slot.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "catch2/catch.hpp"
#include "tests/unit/launch/peer.h"

namespace gatewatch::agent {

using testing::SlotMemory;

TEST_CASE("a slot is seen by all that map its memory", "[slot]") {
  const auto keepers = SharedSlot::Create();
  REQUIRE(keepers.ok());
  const auto agents = SharedSlot::Map(UniqueFd(::dup(keepers->memory())));
  REQUIRE(agents.ok());
  (**agents).notification.id = 4711;
  CHECK((**keepers).notification.id == 4711);
}

TEST_CASE("a slot outlives its move", "[slot]") {
  auto slot = SharedSlot::Create();
  REQUIRE(slot.ok());
  const SharedSlot moved = *std::move(slot);
  (*moved).notification.id = 1;
  CHECK((*moved).notification.id == 1);
}

TEST_CASE("memory that may not be written is refused", "[slot]") {
  UniqueFd sealed =
      SlotMemory(sizeof(probes::NotifySlot), F_SEAL_SHRINK | F_SEAL_WRITE);
  CHECK_FALSE(SharedSlot::Map(std::move(sealed)).ok());
  CHECK_FALSE(SharedSlot::Map(UniqueFd()).ok());
}

}  // namespace gatewatch::agent
