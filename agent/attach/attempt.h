#ifndef GATEWATCH_AGENT_ATTACH_ATTEMPT_H_
#define GATEWATCH_AGENT_ATTACH_ATTEMPT_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace gatewatch::agent {

// One run of gatewatch-launch --attach. A run that has to keep the listener
// itself goes on after it has said so.
class Attempt {
 public:
  // `kinds` are those of the events to observe, with commas; empty: all.
  static absl::StatusOr<Attempt> Start(const std::string& launcher,
                                       const std::string& launch_socket,
                                       const std::string& kinds, pid_t pid);

  pid_t pid() const { return pid_; }  // of the process to attach to
  const std::string& kinds() const { return kinds_; }

  // What came of it, or nothing yet; never waits.
  std::optional<absl::Status> Result();

  // Whether the run is over, for good; to be asked until it is.
  bool Ended();

 private:
  Attempt(pid_t pid, std::string kinds, pid_t child, UniqueFd output,
          uint64_t deadline_ns)
      : pid_(pid),
        kinds_(std::move(kinds)),
        child_(child),
        output_(std::move(output)),
        deadline_ns_(deadline_ns) {}

  pid_t pid_;
  std::string kinds_;
  pid_t child_;
  UniqueFd output_;
  uint64_t deadline_ns_;
  std::string said_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_ATTACH_ATTEMPT_H_
