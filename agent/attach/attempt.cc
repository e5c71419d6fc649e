#include "agent/attach/attempt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/status.h"

namespace gatewatch::agent {
namespace {

constexpr uint64_t kPatienceNs = 5'000'000'000;
constexpr size_t kLineLimit = 4096;

// A line that gatewatch-launch --attach printed.
absl::Status ParseLine(absl::string_view line) {
  if (line == "attached" || line == "held") return absl::OkStatus();
  constexpr absl::StatusCode kCodes[] = {
      absl::StatusCode::kNotFound,         absl::StatusCode::kAlreadyExists,
      absl::StatusCode::kPermissionDenied, absl::StatusCode::kDeadlineExceeded,
      absl::StatusCode::kUnavailable,      absl::StatusCode::kDataLoss,
      absl::StatusCode::kCancelled};
  for (const absl::StatusCode code : kCodes) {
    const std::string prefix =
        absl::StrCat(absl::StatusCodeToString(code), ": ");
    if (absl::StartsWith(line, prefix)) {
      return absl::Status(code, line.substr(prefix.size()));
    }
  }
  return absl::FailedPreconditionError(line.substr(line.find(": ") + 2));
}

}  // namespace

absl::StatusOr<Attempt> Attempt::Start(const std::string& launcher,
                                       const std::string& launch_socket,
                                       const std::string& kinds, pid_t pid) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
  UniqueFd output(ends[0]), input(ends[1]);
  std::array<std::string, 7> arguments = {
      launcher, "--socket", launch_socket,    "--kinds",
      kinds,    "--attach", absl::StrCat(pid)};
  std::array<char*, arguments.size() + 1> argv = {};
  for (size_t i = 0; i < arguments.size(); ++i) argv[i] = arguments[i].data();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, launcher.c_str(), &actions,
                                  &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus(error, launcher);
  return Attempt(pid, kinds, child, std::move(output),
                 MonotonicNanos() + kPatienceNs);
}

std::optional<absl::Status> Attempt::Result() {
  pollfd readable{output_.get(), POLLIN, 0};
  while (::poll(&readable, 1, 0) == 1) {
    char chunk[512];
    const ssize_t got = ::read(output_.get(), chunk, sizeof(chunk));
    if (got > 0) said_.append(chunk, static_cast<size_t>(got));
    if (const size_t end = said_.find('\n'); end != std::string::npos) {
      return ParseLine(said_.substr(0, end));
    }
    if (got <= 0 || said_.size() > kLineLimit) {
      return absl::FailedPreconditionError("the attempt died");
    }
  }
  if (MonotonicNanos() < deadline_ns_) return std::nullopt;
  // What it traces is let go of with its end.
  ::kill(child_, SIGKILL);
  return absl::DeadlineExceededError("it did not stop in time");
}

bool Attempt::Ended() { return ::waitpid(child_, nullptr, WNOHANG) != 0; }

}  // namespace gatewatch::agent
