#include "probes/procfs/process_poller.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kYoungNs = 1'000'000'000;
constexpr uint64_t kCheckIntervalNs = 500'000'000;
constexpr int kStandardDescriptors = 3;

size_t PidfdLimit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur / 4;
}

bool HasEnded(const ProcStat& stat) {
  return stat.state == 'Z' || stat.state == 'X';
}

Observation By(const ProcessId& process, absl::string_view syscall,
               uint64_t time_ns, Detail detail) {
  Observation observation;
  observation.time_ns = time_ns;
  observation.process = process;
  observation.tid = process.pid;
  observation.syscall = syscall;
  observation.outcome.status = OutcomeStatus::kSucceeded;
  observation.detail = std::move(detail);
  return observation;
}

}  // namespace

ProcessPoller::ProcessPoller(const ProcReader& proc,
                             const std::string& proc_root, Covered covered,
                             Emitter& emitter)
    : proc_(proc),
      covered_(std::move(covered)),
      emitter_(emitter),
      load_average_(::open(absl::StrCat(proc_root, "/loadavg").c_str(),
                           O_RDONLY | O_CLOEXEC)),
      exits_(::epoll_create1(EPOLL_CLOEXEC)),
      pidfd_limit_(PidfdLimit()) {}

bool ProcessPoller::PidsWereGivenOut() {
  char text[128];
  const ssize_t got = ::pread(load_average_.get(), text, sizeof(text), 0);
  if (got <= 0) return true;  // not known: look
  absl::string_view field(text, static_cast<size_t>(got));
  field = absl::StripAsciiWhitespace(field);
  field = field.substr(field.rfind(' ') + 1);
  int64_t pid = 0;
  if (!absl::SimpleAtoi(field, &pid)) return true;
  return std::exchange(last_pid_, pid) != pid;
}

void ProcessPoller::Poll(uint64_t now_ns) {
  TakeExits();
  const bool check = now_ns >= next_check_ns_;
  if (check) {
    next_check_ns_ = now_ns + kCheckIntervalNs;
    CheckAll(now_ns);
  }
  // A pid is given out a moment before its process can be seen: look once
  // more after the last one.
  const bool given_out = PidsWereGivenOut();
  if (std::exchange(look_again_, given_out) || given_out || check) {
    FindNew(now_ns);
  }
  for (auto& [pid, known] : known_) {
    if (now_ns < known.looked_from_ns + kYoungNs) CheckImage(known, now_ns);
  }
  first_round_ = false;
}

void ProcessPoller::TakeExits() {
  epoll_event events[64];
  int count = 0;
  do {
    count = ::epoll_wait(exits_.get(), events, std::size(events), 0);
    for (int i = 0; i < count; ++i) End(events[i].data.fd);
  } while (count == std::size(events));
}

void ProcessPoller::CheckAll(uint64_t now_ns) {
  passed_over_.clear();
  std::vector<pid_t> ended, covered;
  for (auto& [pid, known] : known_) {
    const auto stat = proc_.Stat(pid);
    if (!stat.ok() || stat->start_ticks != known.id.start_ticks ||
        HasEnded(*stat)) {
      ended.push_back(pid);
    } else if (covered_(known.id)) {
      covered.push_back(pid);
    } else {
      CheckImage(known, now_ns);
    }
  }
  for (const pid_t pid : ended) End(pid);
  for (const pid_t pid : covered) known_.erase(pid);
}

ProcessPoller::Image ProcessPoller::ImageOf(pid_t pid) const {
  if (const uint64_t marker = proc_.ImageMarker(pid); marker != 0) {
    return {marker, true};
  }
  ProcessSnapshot snapshot;
  snapshot.id.pid = pid;
  if (!proc_.RefreshImage(snapshot).ok()) return {};
  return {absl::HashOf(snapshot.name, snapshot.arguments,
                       snapshot.executable.path) |
              1,
          false};
}

void ProcessPoller::FindNew(uint64_t now_ns) {
  std::vector<ProcessSnapshot> found;
  for (const pid_t pid : proc_.Pids()) {
    if (known_.contains(pid) || passed_over_.contains(pid)) continue;
    const auto stat = proc_.Stat(pid);
    if (!stat.ok() || HasEnded(*stat)) continue;
    if (covered_({pid, stat->start_ticks})) {
      passed_over_.insert(pid);
      continue;
    }
    if (auto snapshot = proc_.Snapshot(pid); snapshot.ok()) {
      found.push_back(*std::move(snapshot));
    }
  }
  // Parents first, see TakeInventory().
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.id.start_ticks, a.id.pid) <
           std::pair(b.id.start_ticks, b.id.pid);
  });
  for (ProcessSnapshot& snapshot : found) Adopt(std::move(snapshot), now_ns);
}

void ProcessPoller::Adopt(ProcessSnapshot snapshot, uint64_t now_ns) {
  const ProcessId id = snapshot.id;
  const Image image = ImageOf(id.pid);
  if (image.marker == 0) return;  // gone
  // Perhaps in the middle of an exec: what it is shows in the next round.
  if (!image.reliable && !first_round_ && unready_.insert(id.pid).second) {
    look_again_ = true;
    return;
  }
  unready_.erase(id.pid);
  const auto parent = known_.find(snapshot.parent.pid);
  const bool parent_known = parent != known_.end();
  if (parent_known) {
    snapshot.parent = parent->second.id;
  } else if (const auto stat = proc_.Stat(snapshot.parent.pid); stat.ok()) {
    snapshot.parent.start_ticks = stat->start_ticks;
  }
  // A fork leaves the image as it is: one that differs was executed since. So
  // was one whose parent nobody knows, by it or before.
  const bool execed =
      !first_round_ && (!parent_known || parent->second.image != image);
  ProcessStarted started{snapshot, first_round_};
  if (execed && parent_known) {
    started.process.name = parent->second.name;
    started.process.executable = parent->second.executable;
    started.process.arguments.clear();
  }
  Known& known = known_[id.pid];  // invalidates `parent`
  known.id = id;
  known.pidfd = Register(id.pid);
  known.image = image;
  known.name = snapshot.name;
  known.executable = snapshot.executable;
  known.mount_namespace = snapshot.mount_namespace;
  known.looked_from_ns = now_ns;
  emitter_.Emit(By(id, "clone", UnixNanosFromBootTicks(id.start_ticks),
                   std::move(started)));
  if (execed) EmitExec(known, std::move(snapshot));
}

void ProcessPoller::CheckImage(Known& known, uint64_t now_ns) {
  const Image image = ImageOf(known.id.pid);
  if (image == known.image || image.marker == 0) return;
  // While the kernel sets up an image there is no reliable marker of it.
  if (known.image.reliable && !image.reliable) return;
  auto snapshot = proc_.Snapshot(known.id.pid);
  if (!snapshot.ok() || snapshot->id != known.id ||
      snapshot->arguments.empty()) {
    return;
  }
  const bool only_now_readable = image.reliable && !known.image.reliable;
  known.image = image;
  known.looked_from_ns = now_ns;
  if (only_now_readable && snapshot->executable.path == known.executable.path) {
    return;
  }
  EmitExec(known, *std::move(snapshot));
}

void ProcessPoller::EmitExec(Known& known, ProcessSnapshot after) {
  known.name = after.name;
  known.executable = after.executable;
  const pid_t pid = known.id.pid;
  after.environment = proc_.Environment(pid);
  for (int fd = 0; fd < kStandardDescriptors; ++fd) {
    after.stdio[static_cast<size_t>(fd)] = proc_.ReadDescriptor(pid, fd);
  }
  ProcessExeced execed;
  execed.filename = after.executable.path;
  execed.confirmed = known.image.reliable;
  const bool truncated = after.arguments_truncated;
  execed.after = std::move(after);
  Observation observation =
      By(known.id, "execve", UnixNanos(), std::move(execed));
  observation.truncated = truncated;
  if (!known.image.reliable) observation.outcome = {};
  emitter_.Emit(std::move(observation));
}

void ProcessPoller::End(pid_t pid) {
  const auto found = known_.find(pid);
  if (found == known_.end()) return;
  Observation observation =
      By(found->second.id, "procexit", UnixNanos(), ProcessExited{});
  observation.outcome = {};
  known_.erase(found);
  unready_.erase(pid);
  emitter_.Emit(std::move(observation));
}

UniqueFd ProcessPoller::Register(pid_t pid) const {
  if (known_.size() >= pidfd_limit_) return UniqueFd();
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.valid()) return pidfd;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = pid;
  ::epoll_ctl(exits_.get(), EPOLL_CTL_ADD, pidfd.get(), &event);
  return pidfd;
}

absl::flat_hash_map<uint64_t, ProcessId> ProcessPoller::MountNamespaces()
    const {
  absl::flat_hash_map<uint64_t, ProcessId> namespaces;
  for (const auto& [pid, known] : known_) {
    if (known.mount_namespace != 0) {
      namespaces.try_emplace(known.mount_namespace, known.id);
    }
  }
  return namespaces;
}

}  // namespace gatewatch::probes
