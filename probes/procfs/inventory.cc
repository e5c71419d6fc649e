#include "probes/procfs/inventory.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

std::vector<pid_t> ListPids(const std::string& proc_root) {
  return ProcReader(proc_root).Pids();
}

std::vector<ProcessSnapshot> TakeInventory(const std::string& proc_root) {
  const ProcReader reader(proc_root);
  std::vector<ProcessSnapshot> processes;
  absl::flat_hash_map<pid_t, uint64_t> start_ticks;
  for (const pid_t pid : reader.Pids()) {
    auto snapshot = reader.Snapshot(pid);
    if (!snapshot.ok()) continue;
    start_ticks[pid] = snapshot->id.start_ticks;
    processes.push_back(*std::move(snapshot));
  }
  for (ProcessSnapshot& process : processes) {
    const auto parent = start_ticks.find(process.parent.pid);
    if (parent != start_ticks.end()) {
      process.parent.start_ticks = parent->second;
    }
  }
  // A parent starts no later than its children, and within one tick has the
  // smaller pid unless pids wrapped.
  std::sort(processes.begin(), processes.end(),
            [](const ProcessSnapshot& a, const ProcessSnapshot& b) {
              return std::pair(a.id.start_ticks, a.id.pid) <
                     std::pair(b.id.start_ticks, b.id.pid);
            });
  return processes;
}

}  // namespace gatewatch::probes
