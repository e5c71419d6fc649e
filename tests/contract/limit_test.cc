// What a probe leaves out when the agent is over its budget.

#include <string>

#include "absl/strings/match.h"
#include "catch2/catch.hpp"
#include "tests/contract/rung.h"
#include "tests/contract/watch.h"
#include "tests/support/skip.h"

namespace gatewatch::testing {
namespace {

using probes::CaptureLevel;

constexpr char kPrefix[] = "/tmp/gatewatch-limit-test-";

std::vector<std::string> ManyOpens() {
  return {Program("many_opens"), "300", kPrefix, "2"};
}

bool IsOpen(absl::string_view syscall) {
  return absl::StartsWith(syscall, "open") || syscall == "creat";
}

// Calls, not observations: repeats count each.
uint64_t OpensSeen(const Observed& observed) {
  uint64_t calls = 0;
  for (const auto* opened : observed.Of<probes::FileOpened>()) {
    calls += opened->count;
  }
  return calls;
}

uint64_t OpensLeftOut(const Observed& observed) {
  uint64_t calls = 0;
  for (const auto* one : observed.Of<probes::ObservationsLost>()) {
    const auto& lost = std::get<probes::ObservationsLost>(one->detail);
    if (lost.reason != probes::LossReason::kThrottled) continue;
    for (const auto& count : lost.counts) {
      CHECK(IsOpen(count.syscall));
      calls += count.count;
    }
  }
  return calls;
}

}  // namespace

TEST_CASE("calls that are left out are counted, to the last one",
          "[contract][limit]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed all = Watch(rung, ManyOpens());
  REQUIRE(all.status == 0);
  REQUIRE(OpensSeen(all) >= 600);
  CHECK(OpensLeftOut(all) == 0);

  const Observed limited = Watch(rung, ManyOpens(), CaptureLevel::kNoFiles);
  CHECK(limited.status == 0);
  CHECK(OpensSeen(limited) + OpensLeftOut(limited) == OpensSeen(all));
  CHECK(limited.counters.throttled == OpensLeftOut(limited));
  CHECK(OpensLeftOut(limited) >= 600);
  // Processes are followed all the same.
  CHECK(limited.Of<probes::ProcessExeced>().size() ==
        all.Of<probes::ProcessExeced>().size());
  CHECK(limited.Of<probes::ProcessExited>().size() ==
        all.Of<probes::ProcessExited>().size());
}

TEST_CASE("opening for writing is captured longer than for reading",
          "[contract][limit]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed observed =
      Watch(rung, ManyOpens(), CaptureLevel::kNoFileReads);
  uint64_t written = 0;
  for (const auto* opened : observed.Of<probes::FileOpened>()) {
    const auto& file = std::get<probes::FileOpened>(opened->detail).file;
    if (absl::StartsWith(file.path, kPrefix)) written += opened->count;
  }
  CHECK(written == 600);
  CHECK(OpensLeftOut(observed) > 0);  // the loader's
}

}  // namespace gatewatch::testing
