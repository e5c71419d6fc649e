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

TEST_CASE("the first item wakes a consumer that asks for it", "[base]") {
  BoundedQueue<int> queue(100);
  std::thread producer([&] { queue.TryPush(1); });
  std::deque<int> taken =
      queue.Take(absl::Hours(1), BoundedQueue<int>::Wake::kByFirst);
  producer.join();
  CHECK(taken == std::deque<int>{1});
}

TEST_CASE("a half full queue wakes its consumer", "[base]") {
  BoundedQueue<int> queue(3);
  std::thread producer([&] {
    queue.TryPush(1);
    queue.TryPush(2);
  });
  std::deque<int> taken = queue.Take(absl::Hours(1));
  producer.join();
  CHECK(taken == std::deque<int>{1, 2});
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
