#include "agent/launch/keeper_replacement.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::agent {
namespace {

// The descriptor that a keeper inherits.
constexpr int kListener = 3;

}  // namespace

KeeperReplacement::KeeperReplacement(std::string launcher,
                                     std::string agent_socket)
    : launcher_(std::move(launcher)), agent_socket_(std::move(agent_socket)) {}

absl::Status KeeperReplacement::Start(const UniqueFd& listener) {
  std::array<std::string, 5> arguments = {"gatewatch-keep", "--socket",
                                          agent_socket_, "--keep",
                                          absl::StrCat(kListener)};
  std::array<char*, arguments.size() + 1> argv = {};
  for (size_t i = 0; i < arguments.size(); ++i) argv[i] = arguments[i].data();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, listener.get(), kListener);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, launcher_.c_str(), &actions, nullptr,
                                  argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus(error, launcher_);
  running_.push_back(child);
  return absl::OkStatus();
}

void KeeperReplacement::Reap() {
  running_.erase(std::remove_if(running_.begin(), running_.end(),
                                [](pid_t pid) {
                                  return ::waitpid(pid, nullptr, WNOHANG) != 0;
                                }),
                 running_.end());
}

}  // namespace gatewatch::agent
