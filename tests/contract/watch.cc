#include "tests/contract/watch.h"

#include <utility>

namespace gatewatch::testing {

Observed Watch(const Rung& rung, const std::vector<std::string>& command) {
  const std::unique_ptr<Watcher> watcher = rung.watch();
  const UniqueFd output = watcher->Start(command, Output::kDiscard);
  const int status = watcher->AwaitStatus();
  watcher->AwaitEmpty();
  Observed observed = watcher->Finish();
  observed.status = status;
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
