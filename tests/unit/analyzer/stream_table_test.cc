#include "analyzer/stream_table.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "catch2/catch.hpp"

namespace gatewatch::analyzer {

TEST_CASE("an agent's new stream ends its old one and waits for that",
          "[analyzer][ingest]") {
  StreamTable table;
  absl::Notification cancelled;
  auto old_stream = table.Enter([&] { cancelled.Notify(); });
  REQUIRE((*old_stream)->Claim("agent").ok());
  auto other = table.Enter([] { FAIL("another agent's stream"); });
  REQUIRE((*other)->Claim("other").ok());

  std::atomic<bool> claimed = false;
  std::thread newcomer([&] {
    auto stream = table.Enter([] {});
    const absl::Status status = (*stream)->Claim("agent");
    claimed = status.ok();
  });
  CHECK(cancelled.WaitForNotificationWithTimeout(absl::Seconds(10)));
  CHECK_FALSE(claimed);
  old_stream->reset();
  newcomer.join();
  CHECK(claimed);
}

TEST_CASE("closing cancels all streams and admits no more",
          "[analyzer][ingest]") {
  StreamTable table;
  absl::Notification cancelled;
  auto stream = table.Enter([&] { cancelled.Notify(); });
  std::thread ending([&] {
    cancelled.WaitForNotification();
    stream->reset();
  });
  table.Close(absl::Now() + absl::Seconds(10));
  ending.join();
  CHECK(absl::IsUnavailable(table.Enter([] {}).status()));
}

}  // namespace gatewatch::analyzer
