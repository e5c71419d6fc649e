#include "base/bounded_queue.h"

#include <thread>

#include "catch2/catch.hpp"

namespace gatewatch {

TEST_CASE("a full queue refuses and keeps what it has", "[base]") {
  BoundedQueue<int> queue(2);
  CHECK(queue.TryPush(1));
  CHECK(queue.TryPush(2));
  CHECK_FALSE(queue.TryPush(3));
  CHECK(queue.Take(absl::ZeroDuration()) == std::deque<int>{1, 2});
  CHECK(queue.TryPush(4));
}

TEST_CASE("taking from an empty queue ends at its deadline", "[base]") {
  BoundedQueue<int> queue(2);
  CHECK(queue.Take(absl::Milliseconds(1)).empty());
}

TEST_CASE("closing wakes the consumer, refuses more, loses nothing", "[base]") {
  BoundedQueue<int> queue(100);
  REQUIRE(queue.TryPush(1));
  std::thread closer([&] { queue.Close(); });
  std::deque<int> taken = queue.Take(absl::Hours(1));
  closer.join();
  CHECK(taken == std::deque<int>{1});
  CHECK_FALSE(queue.TryPush(2));
}

}  // namespace gatewatch
