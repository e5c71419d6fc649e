// What an agent without CAP_SYS_PTRACE cannot see of another user's processes.

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

// How many calls of that name were not seen because nobody may look.
uint64_t Unreadable(const Observed& seen, absl::string_view syscall) {
  uint64_t count = 0;
  for (const Observation* observation : seen.Of<ObservationsLost>()) {
    const auto& lost = std::get<ObservationsLost>(observation->detail);
    if (lost.reason != LossReason::kUnreadable) continue;
    for (const auto& entry : lost.counts) {
      if (entry.syscall == syscall) count += entry.count;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("calls of a process that may not be looked into are told as lost",
          "[contract]") {
  const Rung rung = OtherUserLaunchRung();
  if (!rung.why_not.empty()) return Skip(rung.why_not);
  std::string folder = "/tmp/gatewatch-test-XXXXXX";
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  using std::filesystem::perms;
  std::filesystem::permissions(folder, perms::all);
  // Who may execute a program and not read it may not look into it either.
  const std::string program = folder + "/cat";
  std::filesystem::copy_file("/bin/cat", program);
  std::filesystem::permissions(program, perms::owner_all | perms::others_exec);
  const Observed seen = Watch(rung, {program, "/etc/hostname"});
  std::filesystem::remove_all(folder);
  REQUIRE(seen.status == 0);
  CHECK(Unreadable(seen, "openat") > 0);
  const auto execs = seen.Of<ProcessExeced>();
  REQUIRE(execs.size() == 1);
  // It succeeded, which may show before the process is out of sight.
  CHECK(execs[0]->outcome.status != OutcomeStatus::kFailed);
  CHECK(std::get<ProcessExeced>(execs[0]->detail).filename == program);
}

}  // namespace gatewatch::testing
