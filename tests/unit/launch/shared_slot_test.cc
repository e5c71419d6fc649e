#include "agent/launch/shared_slot.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "catch2/catch.hpp"
#include "tests/unit/launch/peer.h"

namespace gatewatch::agent {

using testing::SlotMemory;

TEST_CASE("a slot is seen by all that map its memory", "[slot]") {
  const UniqueFd memory = SlotMemory();
  const auto keepers = SharedSlot::Map(memory);
  const auto agents = SharedSlot::Map(memory);
  REQUIRE(keepers.ok());
  REQUIRE(agents.ok());
  (**agents).notification.id = 4711;
  CHECK((**keepers).notification.id == 4711);
}

TEST_CASE("a slot outlives its descriptor and its move", "[slot]") {
  UniqueFd memory = SlotMemory();
  auto slot = SharedSlot::Map(memory);
  REQUIRE(slot.ok());
  memory.Reset();
  const SharedSlot moved = *std::move(slot);
  (*moved).notification.id = 1;
  CHECK((*moved).notification.id == 1);
}

TEST_CASE("memory that may not be written is refused", "[slot]") {
  const UniqueFd sealed =
      SlotMemory(sizeof(probes::NotifySlot), F_SEAL_SHRINK | F_SEAL_WRITE);
  CHECK_FALSE(SharedSlot::Map(sealed).ok());
  CHECK_FALSE(SharedSlot::Map(UniqueFd()).ok());
}

}  // namespace gatewatch::agent
