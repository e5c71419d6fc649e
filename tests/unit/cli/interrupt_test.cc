#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include "absl/synchronization/notification.h"
#include "catch2/catch.hpp"

namespace gatewatch::cli {

TEST_CASE("a signal calls the function instead of ending the program",
          "[cli]") {
  absl::Notification called;
  Interrupt interrupt;
  interrupt.OnSignal([&called] { called.Notify(); });
  kill(getpid(), SIGINT);
  CHECK(called.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_CASE("a signal that comes early is not lost", "[cli]") {
  absl::Notification called;
  Interrupt interrupt;
  kill(getpid(), SIGTERM);
  interrupt.OnSignal([&called] { called.Notify(); });
  CHECK(called.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_CASE("without a signal the function is not called", "[cli]") {
  bool called = false;
  {
    Interrupt interrupt;
    interrupt.OnSignal([&called] { called = true; });
  }
  CHECK_FALSE(called);
}

}  // namespace gatewatch::cli
