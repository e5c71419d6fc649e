#ifndef GATEWATCH_AGENT_ENRICHED_EVENT_H_
#define GATEWATCH_AGENT_ENRICHED_EVENT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::agent {

// One state of a process and the states of its ancestors, parent first, at
// most kMaxAncestors. A flat list, not a chain of parents: a chain would keep
// every generation of a process that forks and exits for ever.
struct Lineage {
  static constexpr size_t kMaxAncestors = 16;

  std::shared_ptr<const v1::Process> process;
  std::vector<std::shared_ptr<const v1::Process>> ancestors;
  // Inode of the namespace that its paths are meant in; 0: unknown.
  uint64_t mount_namespace = 0;
};

// Shared because the process tree and all the events that wait for their
// acknowledgement refer to the same few states; never changed once made.
using LineagePtr = std::shared_ptr<const Lineage>;

// An event, without its sequence number, and every process that it refers to.
struct EnrichedEvent {
  v1::Event event;
  std::vector<LineagePtr> processes;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_ENRICHED_EVENT_H_
