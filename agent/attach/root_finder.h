#ifndef GATEWATCH_AGENT_ATTACH_ROOT_FINDER_H_
#define GATEWATCH_AGENT_ATTACH_ROOT_FINDER_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/unique_fd.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::agent {

// Finds the processes that are to be attached to: those of the other
// containers of the task that no attached process started. What an attached
// process starts is under its filter by itself.
//
// Threads: one. Looking again costs one small read as long as no process is
// born.
class RootFinder {
 public:
  struct Options {
    std::string proc_root = "/proc";
    probes::ProcFallback* fallback = nullptr;  // see ProcReader
    // Every process outside this mount namespace, the agent's own container,
    // is meant; 0: none is.
    uint64_t own_mount_namespace = 0;
    // Meant as well, wherever they are.
    std::vector<pid_t> pids;
    // Programs that are left alone, by file name: other security sensors.
    std::vector<std::string> ignored;
  };

  // A process that was found, and what came of it.
  struct Root {
    pid_t pid = 0;
    uint64_t start_ticks = 0;
    std::string name;  // comm
    std::string cgroup;
    bool attached = false;
    std::string reason;  // why not; empty when attached, or not yet tried
    // Of the events that it was attached to for, with commas; empty: all.
    std::string kinds;
  };

  explicit RootFinder(Options options);

  // Processes to attach to now. Each is given out until Settle() is called
  // for it, and again later when that said that it may work then.
  std::vector<pid_t> Find(uint64_t now_ns);

  // What came of an attempt: see probes::Inject for the statuses. `kinds` is
  // for Root::kinds.
  void Settle(pid_t pid, const absl::Status& result, uint64_t now_ns,
              const std::string& kinds = "");

  // Whether attaching to it was given up.
  bool Refused(const probes::ProcessId& process) const;

  // Whether there are some that may have to be given out in a moment.
  bool postponing() const { return postponing_; }

  // The processes that attaching was tried with and that still run.
  std::vector<Root> roots() const;
  // Changes when roots() does.
  uint64_t version() const { return version_; }

 private:
  enum class State { kCovered, kWaiting, kTrying, kIgnored, kRefused };
  struct Entry {
    uint64_t start_ticks = 0;
    uint64_t mount_namespace = 0;
    State state = State::kIgnored;
    bool root = false;
    bool postponed = false;
    // Children that were born later than this are under the filter.
    uint64_t covered_ticks = 0;
    uint64_t found_ns = 0;
    uint64_t retry_ns = 0;
    int attempts = 0;
    std::string name, cgroup, reason, kinds;
  };

  bool SomethingHappened(uint64_t now_ns);
  void TakeIn(pid_t pid, uint64_t now_ns);
  void Reconsider(pid_t pid, Entry& entry) const;
  bool IsReady(pid_t pid, Entry& entry, uint64_t now_ns);
  bool IsTryingIn(const Entry& entry) const;
  State Classify(pid_t pid, const probes::ProcStat& stat, Entry& entry) const;
  bool IsIgnored(pid_t pid) const;
  void ForgetEnded(const std::vector<pid_t>& alive);
  bool OthersAreAttachedIn(uint64_t mount_namespace) const;

  const Options options_;
  const probes::ProcReader proc_;
  const UniqueFd loadavg_;
  std::string last_loadavg_;
  uint64_t next_full_look_ns_ = 0;
  absl::flat_hash_map<pid_t, Entry> entries_;
  bool postponing_ = false;
  uint64_t version_ = 0;
};

// The programs of sensors that are left alone unless told otherwise.
std::vector<std::string> DefaultIgnoredPrograms();

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_ATTACH_ROOT_FINDER_H_
