#include "agent/launch/launch_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "agent/launch/handover.h"
#include "agent/launch/keeper_replacement.h"
#include "agent/launch/shared_slot.h"
#include "base/status.h"
#include "probes/seccomp/notify_probe.h"
#include "probes/syscalls/table.h"

namespace gatewatch::agent {
namespace {

// A hostile process in the workload's network namespace can connect too.
constexpr size_t kWorkloadLimit = 1024;
constexpr int kEndMilliseconds = 100;
// Of absences that wait for room in the queue.
constexpr size_t kAbsenceLimit = 1024;

using probes::NotifyProbe;

struct Workload {
  Workload(UniqueFd socket, pid_t keeper, SharedSlot shared_slot,
           UniqueFd listener, probes::ObservationQueue& queue,
           probes::ProcFallback* fallback)
      : connection(std::move(socket)),
        keeper_pid(keeper),
        keeper_pidfd(static_cast<int>(::syscall(SYS_pidfd_open, keeper, 0))),
        spare_listener(::fcntl(listener.get(), F_DUPFD_CLOEXEC, 0)),
        slot(std::move(shared_slot)),
        probe(std::move(listener), *slot, keeper, queue, fallback) {}

  UniqueFd connection;
  const pid_t keeper_pid;
  UniqueFd keeper_pidfd;
  UniqueFd spare_listener;
  SharedSlot slot;
  NotifyProbe probe;  // last: it uses the slot
};

probes::Observation AbsenceOf(const Handover& handover) {
  probes::ObservationsLost lost;
  lost.reason = probes::LossReason::kObserverAbsent;
  lost.since_ns = handover.absent_since_ns;
  lost.until_ns = handover.absent_until_ns;
  for (uint32_t i = 0; i < handover.count_entries; ++i) {
    const probes::SyscallRow* row =
        probes::FindSyscall(handover.counts[i].syscall);
    lost.counts.push_back({row == nullptr ? "" : std::string(row->name),
                           handover.counts[i].count});
  }
  probes::Observation observation;
  observation.time_ns = lost.since_ns;
  observation.detail = std::move(lost);
  return observation;
}

// The process that connected: the keeper.
pid_t PeerPid(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer.pid;
}

// Whether processes are left that nobody but this program answers.
bool IsOrphaned(const Workload& workload) {
  pollfd users{workload.spare_listener.get(), 0, 0};
  if (::poll(&users, 1, 0) == 1 && (users.revents & POLLHUP) != 0) return false;
  // Its socket closes a moment before it counts as ended.
  pollfd keeper{workload.keeper_pidfd.get(), POLLIN, 0};
  return ::poll(&keeper, 1, kEndMilliseconds) == 1;
}

}  // namespace

class LaunchServer::Impl {
 public:
  Impl(UniqueFd listening, UniqueFd wake, probes::ObservationQueue& queue,
       KeeperReplacement replacement, probes::ProcFallback* fallback)
      : listening_(std::move(listening)),
        wake_(std::move(wake)),
        queue_(queue),
        fallback_(fallback),
        replacement_(std::move(replacement)),
        thread_(&Impl::Serve, this) {}
  ~Impl() { Stop(); }

  void Tick() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    for (const auto& workload : workloads_) workload->probe.Tick();
    RetireFinished();
    PassOnAbsences();
    replacement_.Reap();
  }

  void Limit(probes::CaptureLevel level) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    level_ = level;
    for (const auto& workload : workloads_) workload->probe.Limit(level);
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_) {
    if (!thread_.joinable()) return;
    stopping_ = true;
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written =
        ::write(wake_.get(), &one, sizeof(one));
    thread_.join();
    absl::MutexLock lock(&mutex_);
    for (auto& workload : workloads_) Retire(*workload);
    workloads_.clear();
    PassOnAbsences();
  }

  bool IsKeeper(pid_t pid) const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return std::any_of(workloads_.begin(), workloads_.end(),
                       [pid](const std::unique_ptr<Workload>& workload) {
                         return workload->keeper_pid == pid;
                       });
  }

  Counters counters() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    Counters total = retired_;
    for (const auto& workload : workloads_) Add(*workload, total);
    total.workloads = workloads_.size();
    return total;
  }

 private:
  static void Add(const Workload& workload, Counters& total) {
    const probes::ProbeCounters counters = workload.probe.counters();
    total.observed += counters.observed;
    total.folded += counters.folded;
    total.dropped += counters.dropped;
    total.gone += counters.gone;
    total.throttled += counters.throttled;
  }

  void Serve() {
    while (!stopping_) {
      std::vector<pollfd> polls = {{wake_.get(), POLLIN, 0},
                                   {listening_.get(), POLLIN, 0}};
      {
        absl::MutexLock lock(&mutex_);
        for (const auto& workload : workloads_) {
          polls.push_back({workload->connection.get(), POLLIN, 0});
        }
      }
      if (::poll(polls.data(), polls.size(), -1) <= 0) continue;
      for (size_t i = 2; i < polls.size(); ++i) {
        if (polls[i].revents != 0) OnMessage(polls[i].fd);
      }
      if ((polls[1].revents & POLLIN) != 0) Accept();
    }
  }

  void Accept() {
    UniqueFd connection(
        ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid()) return;
    // A launcher sends at once; whoever does not is sent away.
    pollfd readable{connection.get(), POLLIN, 0};
    if (::poll(&readable, 1, /*timeout ms=*/100) != 1) return;
    auto received = ReceiveHandover(connection.get());
    if (!received.ok()) return;
    auto slot = SharedSlot::Map(std::move(received->slot_memory));
    if (!slot.ok()) return;
    absl::MutexLock lock(&mutex_);
    if (workloads_.size() >= kWorkloadLimit) return;
    if (received->handover.count_entries > 0) {
      Report(AbsenceOf(received->handover));
    }
    const int socket = connection.get();
    workloads_.push_back(std::make_unique<Workload>(
        std::move(connection), PeerPid(socket), *std::move(slot),
        std::move(received->listener), queue_, fallback_));
    workloads_.back()->probe.Limit(level_);
    ::send(socket, &kHandoverTaken, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void OnMessage(int connection) ABSL_LOCKS_EXCLUDED(mutex_) {
    const auto absence = ReceiveAbsence(connection);
    if (absence.ok()) {
      absl::MutexLock lock(&mutex_);
      Report(AbsenceOf(*absence));
    } else {
      LetGo(connection);
    }
  }

  // The keeper closed its end: no process of the workload is left, or it
  // answers the calls itself, or it was killed.
  void LetGo(int connection) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto it = std::find_if(
        workloads_.begin(), workloads_.end(),
        [&](const auto& w) { return w->connection.get() == connection; });
    if (it == workloads_.end()) return;
    if (IsOrphaned(**it) && !replacement_.Start((*it)->spare_listener).ok()) {
      (*it)->connection.Reset();  // then this program alone answers
      return;
    }
    Retire(**it);
    workloads_.erase(it);
  }

  void RetireFinished() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto it = workloads_.begin(); it != workloads_.end();) {
      if (!(*it)->connection.valid() && (*it)->probe.finished()) {
        Retire(**it);
        it = workloads_.erase(it);
      } else {
        ++it;
      }
    }
  }

  void Report(probes::Observation absence)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (absences_.size() < kAbsenceLimit) {
      absences_.push_back(std::move(absence));
    }
    PassOnAbsences();
  }

  void PassOnAbsences() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (!absences_.empty() && queue_.TryPush(std::move(absences_.front()))) {
      absences_.pop_front();
    }
  }

  void Retire(Workload& workload) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    workload.probe.Stop();
    Add(workload, retired_);
  }

  const UniqueFd listening_;
  const UniqueFd wake_;
  probes::ObservationQueue& queue_;
  probes::ProcFallback* const fallback_;
  std::atomic<bool> stopping_{false};
  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Workload>> workloads_ ABSL_GUARDED_BY(mutex_);
  KeeperReplacement replacement_ ABSL_GUARDED_BY(mutex_);
  std::deque<probes::Observation> absences_ ABSL_GUARDED_BY(mutex_);
  Counters retired_ ABSL_GUARDED_BY(mutex_);
  probes::CaptureLevel level_ ABSL_GUARDED_BY(mutex_) =
      probes::CaptureLevel::kAll;
  std::thread thread_;  // last: it uses all of the above
};

absl::StatusOr<std::unique_ptr<LaunchServer>> LaunchServer::Start(
    const std::string& abstract_socket_name, probes::ObservationQueue& queue,
    const std::string& launcher, probes::ProcFallback* fallback) {
  GATEWATCH_ASSIGN_OR_RETURN(UniqueFd listening,
                             ListenForLaunchers(abstract_socket_name.c_str()));
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake.valid()) return ErrnoStatus(errno, "eventfd");
  return std::unique_ptr<LaunchServer>(new LaunchServer(std::make_unique<Impl>(
      std::move(listening), std::move(wake), queue,
      KeeperReplacement(launcher, abstract_socket_name), fallback)));
}

LaunchServer::LaunchServer(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
LaunchServer::~LaunchServer() = default;
void LaunchServer::Tick() { impl_->Tick(); }
void LaunchServer::Limit(probes::CaptureLevel level) { impl_->Limit(level); }
void LaunchServer::Stop() { impl_->Stop(); }
bool LaunchServer::IsKeeper(pid_t pid) const { return impl_->IsKeeper(pid); }
LaunchServer::Counters LaunchServer::counters() const {
  return impl_->counters();
}

}  // namespace gatewatch::agent
