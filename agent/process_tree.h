#ifndef GATEWATCH_AGENT_PROCESS_TREE_H_
#define GATEWATCH_AGENT_PROCESS_TREE_H_

#include <sys/types.h>

#include <cstdint>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "agent/enriched_event.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// A process's identity over all machines and for ever: Base32 of the first 64
// bits of SHA-256 over boot id, pid namespace, pid and start time. The
// namespace is the one that numbers `id.pid`: the agent's.
std::string ProcessKey(absl::string_view boot_id, uint64_t pid_namespace,
                       const probes::ProcessId& id);

// Knows the processes, each in its present state, and who made whom.
//
// A process belongs to the one that started it, also after that has ended and
// the kernel has handed the process to a reaper: an attacker's double fork
// must not cut the lineage.
//
// Threads: one.
// Memory:  bounded. Exited processes stay, since their children's lineage
//          needs them, until there are `exited_capacity` younger ones. Beyond
//          `live_capacity`, the live process longest without news goes: its
//          exit was missed. An evicted process is started anew by its next
//          event, with a higher revision than it had.
class ProcessTree {
 public:
  struct Options {
    std::string boot_id;
    uint64_t pid_namespace = 0;  // inode of the agent's own
    size_t live_capacity = 32768;
    size_t exited_capacity = 8192;
  };

  explicit ProcessTree(Options options);

  // Enters a process or a new state of one. Of `state`, the tree fills key,
  // revision, parent, parent_pid, pid and start time.
  LineagePtr Record(const probes::ProcessId& id,
                    const probes::ProcessId& parent, v1::Process state,
                    uint64_t mount_namespace);

  // The present state; null when the process is not known.
  LineagePtr Find(const probes::ProcessId& id);
  // The live process that has this pid now; null when none is known.
  LineagePtr FindByPid(pid_t pid);

  // Keeps the process for its children's lineage only.
  void Exit(const probes::ProcessId& id);

  size_t live() const { return live_.size(); }
  size_t exited() const { return exited_.size(); }
  // Live processes that were forgotten to make room.
  uint64_t evicted() const { return evicted_; }

 private:
  using Order = std::list<probes::ProcessId>;  // most recent last
  struct Node {
    LineagePtr lineage;
    probes::ProcessId parent;
    bool exited = false;
    Order::iterator place;  // in exited_ or live_
  };

  Node& Enter(const probes::ProcessId& id, const probes::ProcessId& parent);
  void Touch(Node& node);
  void DropOldest(Order& order);
  uint32_t NextRevision(const Node& node);

  const Options options_;
  absl::flat_hash_map<probes::ProcessId, Node> nodes_;
  absl::flat_hash_map<pid_t, probes::ProcessId> by_pid_;  // live ones
  Order live_;
  Order exited_;
  uint64_t evicted_ = 0;
  // The highest revision that an evicted live process had: one number for all
  // of them is enough to never give a (key, revision) twice.
  uint32_t evicted_revision_ = 0;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_PROCESS_TREE_H_
