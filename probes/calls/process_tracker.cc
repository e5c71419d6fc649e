#include "probes/calls/process_tracker.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/clock.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kProcessLimit = 65536;
constexpr size_t kThreadLimit = 4096;  // remembered for one process
constexpr int kAncestorLimit = 16;
// How many processes without a pidfd one sweep reads about. With some 5 µs
// for each, ten sweeps a second take about a hundredth of a CPU.
constexpr size_t kReadsPerSweep = 256;

size_t PidfdLimit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  return std::min<size_t>(limit.rlim_cur / 2, kProcessLimit);
}

// Whether thread `tid` is one of process `pid` now. Signal 0 is never sent;
// EPERM comes after the threads were compared.
bool IsThreadOf(pid_t pid, pid_t tid) {
  return ::syscall(SYS_tgkill, pid, tid, 0) == 0 || errno == EPERM;
}

// What /proc says, for want of a pidfd. A process that waits to be reaped has
// ended; one whose first thread alone ended has other threads.
bool HasEnded(const ProcReader& proc, const ProcessId& id) {
  const auto stat = proc.Stat(id.pid);
  if (!stat.ok()) return absl::IsNotFound(stat.status());
  const bool unreaped = stat->state == 'Z' && stat->threads <= 1;
  return unreaped || stat->start_ticks != id.start_ticks;
}

Observation Exited(const TrackedProcess& process,
                   const ProcessExited& how = {}) {
  Observation exited;
  exited.time_ns = UnixNanos();
  exited.process = process.id;
  exited.tid = process.id.pid;
  exited.syscall = "procexit";
  exited.detail = how;
  return exited;
}

}  // namespace

ProcessTracker::ProcessTracker(const ProcReader& proc, Ends ends, pid_t ignored,
                               std::function<void(Observation)> emit)
    : proc_(proc),
      ends_(ends),
      ignored_(ignored),
      emit_(std::move(emit)),
      pidfd_limit_(PidfdLimit()) {}

UniqueFd ProcessTracker::OpenPidfd(pid_t pid) const {
  if (processes_.size() >= pidfd_limit_) return UniqueFd();
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool ProcessTracker::EndIsTold(const TrackedProcess& process) const {
  return ends_ == Ends::kTold && process.under_filter;
}

bool ProcessTracker::StillSame(TrackedProcess& process) const {
  if (EndIsTold(process)) return true;
  // Each time: pids are handed out in ascending order, but one that is freed
  // when its turn has come is given out again at once.
  if (process.pidfd.valid()) {
    return ::syscall(SYS_pidfd_send_signal, process.pidfd.get(), 0, nullptr,
                     0) == 0 ||
           errno == EPERM;
  }
  process.verified_ns = MonotonicNanos();
  return !HasEnded(proc_, process.id);
}

TrackedProcess* ProcessTracker::Find(pid_t pid) {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : found->second.get();
}

TrackedProcess* ProcessTracker::FindAlive(pid_t pid) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return nullptr;
  if (StillSame(*found->second)) return found->second.get();
  if (!found->second->exit_seen) emit_(Exited(*found->second));
  Forget(pid);
  return nullptr;
}

TrackedProcess* ProcessTracker::FindByThread(pid_t tid) {
  TrackedProcess* process = FindProcessOf(tid);
  if (process != nullptr) process->under_filter = true;
  return process;
}

TrackedProcess* ProcessTracker::FindProcessOf(pid_t tid) {
  if (TrackedProcess* process = FindAlive(tid)) return process;
  if (const auto known = process_of_thread_.find(tid);
      known != process_of_thread_.end()) {
    const pid_t pid = known->second;
    TrackedProcess* process = FindAlive(pid);
    if (process != nullptr && IsThreadOf(pid, tid)) return process;
    process_of_thread_.erase(tid);
  }
  const auto status = proc_.Status(tid);
  if (!status.ok()) return nullptr;
  const pid_t pid = status->thread_group;
  TrackedProcess* process = FindAlive(pid);
  if (process == nullptr) process = Adopt(pid, {}, 0, false);
  if (process != nullptr && pid != tid &&
      process->threads.size() < kThreadLimit) {
    process->threads.insert(tid);
    process_of_thread_[tid] = pid;
  }
  return process;
}

ProcessId ProcessTracker::ResolveParent(pid_t parent_pid, int depth) {
  if (parent_pid == 0 || depth >= kAncestorLimit) return {};
  if (const TrackedProcess* parent = FindAlive(parent_pid)) return parent->id;
  // An ancestor outside the filter: known for the lineage's sake.
  const TrackedProcess* parent = Adopt(parent_pid, {}, depth + 1, true);
  return parent == nullptr ? ProcessId{} : parent->id;
}

TrackedProcess* ProcessTracker::Adopt(pid_t pid, ProcessId parent, int depth,
                                      bool inventory) {
  if (processes_.size() >= kProcessLimit) return nullptr;
  // Opened before /proc is read: afterwards it tells whether what was read is
  // of the same process.
  UniqueFd pidfd = OpenPidfd(pid);
  auto snapshot = proc_.Snapshot(pid);
  if (!snapshot.ok()) return nullptr;
  if (parent.pid == 0) parent = ResolveParent(snapshot->parent.pid, depth);
  auto process = std::make_unique<TrackedProcess>();
  process->id = snapshot->id;
  process->pidfd = std::move(pidfd);
  process->credentials = snapshot->credentials;
  process->under_filter = !inventory;
  if (!StillSame(*process)) return nullptr;

  snapshot->parent = parent;
  Observation started;
  started.time_ns = UnixNanosFromBootTicks(snapshot->id.start_ticks);
  started.process = snapshot->id;
  started.tid = pid;
  started.syscall = "clone";
  started.outcome.status = OutcomeStatus::kSucceeded;
  started.detail = ProcessStarted{*std::move(snapshot), inventory};
  emit_(std::move(started));
  return (processes_[pid] = std::move(process)).get();
}

void ProcessTracker::TakeIn(pid_t pid) {
  TrackedProcess* process = FindAlive(pid);
  if (process == nullptr) process = Adopt(pid, {}, 0, /*inventory=*/true);
  if (process != nullptr) process->under_filter = true;
}

void ProcessTracker::LetGo(pid_t pid) {
  TrackedProcess* process = Find(pid);
  if (process == nullptr) return;
  process->under_filter = false;
  if (process->marker_when_let_go == 0) {
    process->marker_when_let_go = proc_.ImageMarker(pid);
  }
}

void ProcessTracker::AdoptChild(const TrackedProcess& parent, pid_t child) {
  if (IsThreadOf(parent.id.pid, child)) return;
  if (FindAlive(child) == nullptr) Adopt(child, parent.id, 0, false);
}

void ProcessTracker::AdoptChildren(const TrackedProcess& parent) {
  const ProcessId parent_id = parent.id;
  for (const pid_t child : proc_.Children(parent_id.pid)) {
    if (child == ignored_) continue;
    if (FindAlive(child) == nullptr) Adopt(child, parent_id, 0, false);
  }
}

void ProcessTracker::Forget(pid_t pid) {
  const auto found = processes_.find(pid);
  for (const pid_t tid : found->second->threads) {
    process_of_thread_.erase(tid);
  }
  pending_.erase(pid);
  processes_.erase(found);
}

std::vector<pid_t> ProcessTracker::FindEnded() const {
  std::vector<pid_t> ended, with_pidfd;
  std::vector<pollfd> polls;
  std::vector<TrackedProcess*> without_pidfd;
  for (const auto& [pid, process] : processes_) {
    if (EndIsTold(*process)) continue;
    if (process->pidfd.valid()) {
      with_pidfd.push_back(pid);
      polls.push_back({process->pidfd.get(), POLLIN, 0});
    } else {
      without_pidfd.push_back(process.get());
    }
  }
  if (::poll(polls.data(), polls.size(), 0) > 0) {
    for (size_t i = 0; i < polls.size(); ++i) {
      if (polls[i].revents != 0) ended.push_back(with_pidfd[i]);
    }
  }
  // In turn: those first that were not looked at for longest.
  const size_t reads = std::min(without_pidfd.size(), kReadsPerSweep);
  const auto last = without_pidfd.begin() + static_cast<ptrdiff_t>(reads);
  std::partial_sort(without_pidfd.begin(), last, without_pidfd.end(),
                    [](const TrackedProcess* a, const TrackedProcess* b) {
                      return a->verified_ns < b->verified_ns;
                    });
  for (auto it = without_pidfd.begin(); it != last; ++it) {
    if (!StillSame(**it)) ended.push_back((*it)->id.pid);
  }
  return ended;
}

void ProcessTracker::EndOne(pid_t pid, const ProcessExited& how) {
  const TrackedProcess* process = Find(pid);
  if (process == nullptr) return;
  if (!process->exit_seen) emit_(Exited(*process, how));
  Forget(pid);
}

void ProcessTracker::End(
    const std::vector<pid_t>& pids,
    const std::function<void(TrackedProcess&)>& before_exit) {
  for (const pid_t pid : pids) {
    TrackedProcess& process = *processes_.at(pid);
    before_exit(process);
    if (!process.exit_seen) emit_(Exited(process));
    Forget(pid);
  }
}

void ProcessTracker::Sweep(
    const std::function<void(TrackedProcess&)>& before_exit) {
  End(FindEnded(), before_exit);
}

void ProcessTracker::EndAll(
    const std::function<void(TrackedProcess&)>& before_exit) {
  std::vector<pid_t> pids;
  for (const auto& [pid, process] : processes_) {
    if (process->under_filter) pids.push_back(pid);
  }
  End(pids, before_exit);
}

void ProcessTracker::AddPending(const TrackedProcess& process) {
  pending_.insert(process.id.pid);
}

void ProcessTracker::ForEachPending(
    const std::function<void(TrackedProcess&)>& visit) {
  absl::erase_if(pending_, [&](pid_t pid) {
    TrackedProcess& process = *processes_.at(pid);
    visit(process);
    return !process.pending_exec.has_value();
  });
}

}  // namespace gatewatch::probes
