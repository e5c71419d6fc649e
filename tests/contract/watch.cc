#include "tests/contract/watch.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace gatewatch::testing {
namespace {

// Ends of processes that were there before the command and are known for its
// lineage's sake: the test's own, which may end early enough to be seen.
void LeaveOutAncestors(Observed& seen) {
  absl::flat_hash_set<probes::ProcessId> ancestors;
  for (const auto* started : seen.Of<probes::ProcessStarted>()) {
    if (std::get<probes::ProcessStarted>(started->detail).inventory) {
      ancestors.insert(started->process);
    }
  }
  for (const auto* execed : seen.Of<probes::ProcessExeced>()) {
    ancestors.erase(execed->process);
  }
  auto& all = seen.observations;
  all.erase(
      std::remove_if(all.begin(), all.end(),
                     [&](const probes::Observation& observation) {
                       return std::holds_alternative<probes::ProcessExited>(
                                  observation.detail) &&
                              ancestors.contains(observation.process);
                     }),
      all.end());
}

}  // namespace

Observed Watch(const Rung& rung, const std::vector<std::string>& command,
               probes::CaptureLevel level) {
  const std::unique_ptr<Watcher> watcher = rung.watch();
  watcher->Limit(level);
  const UniqueFd output = watcher->Start(command, Output::kDiscard);
  const int status = watcher->AwaitStatus();
  watcher->AwaitEmpty();
  Observed observed = watcher->Finish();
  observed.status = status;
  LeaveOutAncestors(observed);
  return observed;
}

Finished RunBare(const std::vector<std::string>& command) {
  const Running running = Spawn(command, Output::kKeep);
  std::string output = ReadToEnd(running.output);
  return {std::move(output), AwaitExit(running.pid)};
}

Finished RunWatched(const Rung& rung, const std::vector<std::string>& command) {
  const std::unique_ptr<Watcher> watcher = rung.watch();
  const UniqueFd output = watcher->Start(command, Output::kKeep);
  std::string text = ReadToEnd(output);
  return {std::move(text), watcher->AwaitStatus()};
}

}  // namespace gatewatch::testing
