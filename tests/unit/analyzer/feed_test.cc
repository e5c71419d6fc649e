#include "analyzer/feed.h"

#include <thread>

#include "catch2/catch.hpp"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::analyzer {
namespace {

using AlertFeed = Feed<v1::Alert>;

v1::Alert Named(const std::string& rule) {
  v1::Alert alert;
  alert.set_rule(rule);
  return alert;
}

}  // namespace

TEST_CASE("a watcher gets what is published from its begin on, in order",
          "[analyzer][feed]") {
  AlertFeed feed(1 << 20);
  feed.Publish(Named("before"));
  AlertFeed::Watcher watcher(feed);
  feed.Publish(Named("a"));
  feed.Publish(Named("b"));
  CHECK(watcher.Next(absl::Seconds(10))->rule() == "a");
  CHECK(watcher.Next(absl::Seconds(10))->rule() == "b");
  CHECK(watcher.Next(absl::ZeroDuration()) == nullptr);
  CHECK(watcher.end() == AlertFeed::End::kOpen);
}

TEST_CASE("a watcher that is waiting is woken at once", "[analyzer][feed]") {
  AlertFeed feed(1 << 20);
  AlertFeed::Watcher watcher(feed);
  std::thread publisher([&] { feed.Publish(Named("a")); });
  CHECK(watcher.Next(absl::Hours(1))->rule() == "a");
  publisher.join();
}

TEST_CASE("a watcher that is too slow is cut off, and no other",
          "[analyzer][feed]") {
  AlertFeed feed(1000);
  AlertFeed::Watcher slow(feed);
  AlertFeed::Watcher quick(feed);
  for (int i = 0; i < 20; ++i) {
    feed.Publish(Named(std::string(100, 'x')));
    CHECK(quick.Next(absl::ZeroDuration()) != nullptr);
  }
  CHECK(quick.end() == AlertFeed::End::kOpen);
  CHECK(slow.end() == AlertFeed::End::kCutOff);
}

TEST_CASE("closing a feed wakes its watchers", "[analyzer][feed]") {
  AlertFeed feed(1000);
  AlertFeed::Watcher watcher(feed);
  std::thread closer([&] { feed.Close(); });
  CHECK(watcher.Next(absl::Hours(1)) == nullptr);
  closer.join();
  CHECK(watcher.end() == AlertFeed::End::kClosed);
}

}  // namespace gatewatch::analyzer
