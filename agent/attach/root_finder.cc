#include "agent/attach/root_finder.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "probes/procfs/inventory.h"
#include "probes/procfs/parsers.h"

namespace gatewatch::agent {
namespace {

// Pids that come again, and what the last pid given out does not tell.
constexpr uint64_t kFullLookNs = 1'000'000'000;
constexpr uint64_t kRetryNs = 200'000'000;
constexpr int kAttemptLimit = 20;
constexpr size_t kEntryLimit = 65536;
// How long a process that is not yet what it will be is waited for.
constexpr uint64_t kPostponementLimitNs = 10'000'000'000;

uint64_t TicksNow() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const auto hertz = static_cast<uint64_t>(::sysconf(_SC_CLK_TCK));
  return static_cast<uint64_t>(now.tv_sec) * hertz +
         static_cast<uint64_t>(now.tv_nsec) * hertz / 1'000'000'000;
}

// A container runtime's process that is about to become the container's. It
// has the runtime's privileges still, and threads that are not under the
// container's seccomp profile.
bool IsBeingPrepared(const probes::ProcStat& stat) {
  return absl::StartsWith(stat.name, "runc:[");
}

std::string FileName(absl::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

std::vector<std::string> DefaultIgnoredPrograms() {
  return {"gatewatch-agent",
          "gatewatch-launch",
          "pause",
          "falco",
          "sysdig",
          "dragent",
          "tetragon",
          "tracee",
          "falcon-sensor",
          "datadog-agent",
          "security-agent",
          "system-probe",
          "process-agent",
          "cws-instrumentation",
          "aws-guardduty-agent",
          "amazon-guardduty-agent",
          "twistcli",
          "defender",
          "sentinelone-agent",
          "osqueryd",
          "wazuh-agentd"};
}

RootFinder::RootFinder(Options options)
    : options_(std::move(options)),
      proc_(options_.proc_root, options_.fallback),
      loadavg_(::open(absl::StrCat(options_.proc_root, "/loadavg").c_str(),
                      O_RDONLY | O_CLOEXEC)) {}

// The last number there is the pid given out last in this pid namespace
// (proc(5)).
bool RootFinder::SomethingHappened(uint64_t now_ns) {
  char text[128];
  const ssize_t got = ::pread(loadavg_.get(), text, sizeof(text), 0);
  const absl::string_view line(text, got > 0 ? static_cast<size_t>(got) : 0);
  const absl::string_view last = line.substr(line.rfind(' ') + 1);
  const bool born = last.empty() || last != last_loadavg_;
  last_loadavg_ = std::string(last);
  if (!born && now_ns < next_full_look_ns_) return false;
  next_full_look_ns_ = now_ns + kFullLookNs;
  return true;
}

std::vector<pid_t> RootFinder::Find(uint64_t now_ns) {
  if (SomethingHappened(now_ns)) {
    std::vector<pid_t> alive = probes::ListPids(options_.proc_root);
    std::sort(alive.begin(), alive.end());  // parents mostly before children
    ForgetEnded(alive);
    for (const pid_t pid : alive) {
      if (!entries_.contains(pid)) TakeIn(pid, now_ns);
    }
    for (auto& [pid, entry] : entries_) {
      if (entry.state == State::kRefused) Reconsider(pid, entry);
    }
  }
  std::vector<pid_t> found;
  postponing_ = false;
  for (auto& [pid, entry] : entries_) {
    if (entry.state != State::kWaiting || now_ns < entry.retry_ns) continue;
    if (entry.postponed && !IsReady(pid, entry, now_ns)) continue;
    entry.state = State::kTrying;
    found.push_back(pid);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void RootFinder::ForgetEnded(const std::vector<pid_t>& alive) {
  absl::erase_if(entries_, [&](const auto& item) {
    const auto& [pid, entry] = item;
    bool ended = !std::binary_search(alive.begin(), alive.end(), pid);
    if (!ended && entry.state != State::kTrying) {
      const auto stat = proc_.Stat(pid);
      ended = !stat.ok() || stat->start_ticks != entry.start_ticks;
    }
    if (ended && entry.root) ++version_;
    return ended;
  });
}

// It executes another program now, which may permit what the last one did not.
void RootFinder::Reconsider(pid_t pid, Entry& entry) const {
  const auto stat = proc_.Stat(pid);
  if (!stat.ok() || stat->name == entry.name) return;
  entry.state = State::kWaiting;
  entry.name = stat->name;
  entry.attempts = 0;
}

void RootFinder::TakeIn(pid_t pid, uint64_t now_ns) {
  if (entries_.size() >= kEntryLimit) return;
  const auto stat = proc_.Stat(pid);
  if (!stat.ok() || stat->state == 'Z') return;
  Entry entry;
  entry.start_ticks = stat->start_ticks;
  entry.name = stat->name;
  entry.state = Classify(pid, *stat, entry);
  entry.postponed = IsBeingPrepared(*stat) || IsTryingIn(entry);
  entry.found_ns = now_ns;
  entries_.emplace(pid, std::move(entry));
}

// Whether a postponed process has become what it is to be.
bool RootFinder::IsReady(pid_t pid, Entry& entry, uint64_t now_ns) {
  const auto stat = proc_.Stat(pid);
  if (!stat.ok()) return false;
  const bool wait = now_ns - entry.found_ns < kPostponementLimitNs;
  if (wait && (IsBeingPrepared(*stat) || IsTryingIn(entry))) {
    postponing_ = true;
    return false;
  }
  entry.postponed = false;
  entry.name = stat->name;
  entry.state = Classify(pid, *stat, entry);
  return entry.state == State::kWaiting;
}

// While a process is attached to, its keeper is a copy of it that has yet to
// execute its program, in the memory that the attempt works in.
bool RootFinder::IsTryingIn(const Entry& entry) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
    return item.second.state == State::kTrying &&
           item.second.mount_namespace == entry.mount_namespace;
  });
}

RootFinder::State RootFinder::Classify(pid_t pid, const probes::ProcStat& stat,
                                       Entry& entry) const {
  bool parent_refused = false;
  if (const auto parent = entries_.find(stat.parent_pid);
      parent != entries_.end()) {
    if (parent->second.state == State::kCovered &&
        stat.start_ticks > parent->second.covered_ticks) {
      entry.mount_namespace = parent->second.mount_namespace;
      return State::kCovered;
    }
    parent_refused = parent->second.state == State::kRefused;
  }
  const bool asked_for = std::find(options_.pids.begin(), options_.pids.end(),
                                   pid) != options_.pids.end();
  if (!asked_for && options_.own_mount_namespace == 0) {
    return parent_refused ? State::kRefused : State::kIgnored;
  }
  if (const auto link = proc_.Link(pid, "ns/mnt"); link.ok()) {
    entry.mount_namespace = probes::ParseNamespaceLink(*link);
  }
  const bool own = entry.mount_namespace == options_.own_mount_namespace;
  if (!asked_for && (own || IsIgnored(pid))) return State::kIgnored;
  return State::kWaiting;
}

bool RootFinder::IsIgnored(pid_t pid) const {
  const auto link = proc_.Link(pid, "exe");
  if (!link.ok()) return false;
  const probes::Executable executable = probes::ParseExecutableLink(*link);
  // A planted keeper.
  if (executable.in_memory && executable.path == "/memfd:gatewat") return true;
  return std::find(options_.ignored.begin(), options_.ignored.end(),
                   FileName(executable.path)) != options_.ignored.end();
}

bool RootFinder::OthersAreAttachedIn(uint64_t mount_namespace) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
    return item.second.state == State::kCovered &&
           item.second.mount_namespace == mount_namespace;
  });
}

void RootFinder::Settle(pid_t pid, const absl::Status& result, uint64_t now_ns,
                        const std::string& kinds) {
  const auto found = entries_.find(pid);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  // Born just before its parent was attached to, or an orphan of an attached
  // process: it is under the filter by inheritance.
  const bool inherited = absl::IsAlreadyExists(result) &&
                         OthersAreAttachedIn(entry.mount_namespace);
  if (result.ok() || inherited) {
    entry.state = State::kCovered;
    entry.root = result.ok();
    // Inherited: since its birth. The tick is too coarse to trust.
    entry.covered_ticks = inherited ? entry.start_ticks : TicksNow();
    entry.reason.clear();
    entry.kinds = kinds;
  } else if ((absl::IsUnavailable(result) ||
              absl::IsDeadlineExceeded(result)) &&
             ++entry.attempts < kAttemptLimit) {
    entry.state = State::kWaiting;
    entry.retry_ns = now_ns + kRetryNs;
    return;
  } else if (absl::IsCancelled(result)) {
    entry.state = State::kIgnored;
    return;
  } else {
    entry.state = State::kRefused;
    entry.root = !absl::IsNotFound(result);
    entry.reason = std::string(result.message());
  }
  if (const auto cgroup =
          ReadFile(absl::StrCat(options_.proc_root, "/", pid, "/cgroup"));
      cgroup.ok()) {
    entry.cgroup = *cgroup;
  }
  if (entry.root) ++version_;
}

bool RootFinder::Refused(const probes::ProcessId& process) const {
  const auto found = entries_.find(process.pid);
  return found != entries_.end() && found->second.state == State::kRefused &&
         found->second.start_ticks == process.start_ticks;
}

std::vector<RootFinder::Root> RootFinder::roots() const {
  std::vector<Root> roots;
  for (const auto& [pid, entry] : entries_) {
    if (!entry.root) continue;
    roots.push_back({pid, entry.start_ticks, entry.name, entry.cgroup,
                     entry.state == State::kCovered, entry.reason,
                     entry.kinds});
  }
  std::sort(roots.begin(), roots.end(),
            [](const Root& a, const Root& b) { return a.pid < b.pid; });
  return roots;
}

}  // namespace gatewatch::agent
