#include "probes/ptrace/tracee_table.h"

#include <utility>

namespace gatewatch::probes {

Tracee& TraceeTable::FindOrAdd(pid_t tid) {
  std::unique_ptr<Tracee>& tracee = tracees_[tid];
  if (tracee == nullptr) {
    tracee = std::make_unique<Tracee>();
    ended_unannounced_.erase(tid);
  }
  return *tracee;
}

Tracee* TraceeTable::Find(pid_t tid) {
  const auto found = tracees_.find(tid);
  return found == tracees_.end() ? nullptr : found->second.get();
}

bool TraceeTable::Announce(pid_t tid) {
  if (ended_unannounced_.erase(tid) > 0) return false;
  FindOrAdd(tid).announced = true;
  return true;
}

Tracee& TraceeTable::Replace(pid_t leader, pid_t former) {
  if (leader == former) return FindOrAdd(leader);
  auto tracee = std::move(tracees_[former]);
  tracees_.erase(former);
  // The exec's process was announced when its first thread was.
  if (tracee == nullptr) tracee = std::make_unique<Tracee>();
  tracee->announced = true;
  return *(tracees_[leader] = std::move(tracee));
}

void TraceeTable::Forget(pid_t tid) {
  if (!FindOrAdd(tid).announced) ended_unannounced_.insert(tid);
  tracees_.erase(tid);
}

void TraceeTable::ForEach(const std::function<void(Tracee&)>& visit) {
  for (const auto& [tid, tracee] : tracees_) visit(*tracee);
}

}  // namespace gatewatch::probes
