#include "agent/agent.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/synchronization/mutex.h"
#include "agent/agent_id.h"
#include "agent/capture.h"
#include "agent/coverage_report.h"
#include "agent/cpu_budget.h"
#include "agent/enricher.h"
#include "agent/event_buffer.h"
#include "agent/lasting_knowledge.h"
#include "agent/own_processes.h"
#include "agent/rate_limits.h"
#include "agent/shipper.h"
#include "agent/throttle.h"
#include "agent/translate.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/status.h"
#include "channel/address.h"
#include "channel/identity.h"
#include "probes/procfs/inventory.h"
#include "probes/procfs/proc_reader.h"
#include "proto/event_kind.h"

namespace gatewatch::agent {
namespace {

constexpr size_t kQueueCapacity = 16384;
// Latency against wake-ups: what a batch collects while it waits.
constexpr absl::Duration kTake = absl::Milliseconds(5);
// Nothing having come for so many turns, the first that comes wakes.
constexpr int kTurnsBeforeRest = 20;
constexpr absl::Duration kRest = absl::Milliseconds(100);
constexpr absl::Duration kTick = absl::Milliseconds(10);
constexpr absl::Duration kCoverageInterval = absl::Seconds(1);

ProcessTree::Options TreeOptions() {
  ProcessTree::Options options;
  if (auto boot_id = ReadFile("/proc/sys/kernel/random/boot_id");
      boot_id.ok()) {
    absl::StripAsciiWhitespace(&*boot_id);
    options.boot_id = *std::move(boot_id);
  }
  struct stat pid_namespace = {};
  if (::stat("/proc/self/ns/pid", &pid_namespace) == 0) {
    options.pid_namespace = pid_namespace.st_ino;
  }
  return options;
}

// This process, and its supervisor when it has one.
OwnProcesses FindOwnProcesses(pid_t supervisor) {
  OwnProcesses own;
  const probes::ProcReader reader;
  for (const pid_t pid : {::getpid(), supervisor}) {
    if (pid == 0) continue;
    if (const auto process = reader.Snapshot(pid); process.ok()) {
      own.Add(*process);
    }
  }
  return own;
}

// Of all threads of this process.
uint64_t OwnCpuNanos() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(used.tv_nsec);
}

const char* DescribeLevel(probes::CaptureLevel level) {
  switch (level) {
    case probes::CaptureLevel::kAll:
      return "captures all";
    case probes::CaptureLevel::kNoFileReads:
      return "leaves out opening files for reading";
    case probes::CaptureLevel::kNoFiles:
      return "leaves out files";
    case probes::CaptureLevel::kNoNetwork:
      return "leaves out files and the network";
    case probes::CaptureLevel::kVital:
      return "captures exec, exit and credentials alone";
  }
  return "";
}

// Those that are known here; the peer may say anything.
std::vector<std::string> WantedKinds(const v1::CapturePolicy& policy) {
  std::vector<std::string> wanted;
  for (const absl::string_view kind : EventKinds()) {
    const auto& kinds = policy.kinds();
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) {
      wanted.emplace_back(kind);
    }
  }
  return wanted;
}

EnrichedEvent AgentEvent() {
  EnrichedEvent event;
  event.event.set_time_ns(UnixNanos());
  event.event.set_syscall("agent");
  return event;
}

probes::Observation Found(probes::ProcessSnapshot process) {
  probes::Observation observation;
  observation.time_ns = UnixNanos();
  observation.process = process.id;
  observation.tid = process.id.pid;
  observation.syscall = "clone";
  observation.detail = probes::ProcessStarted{std::move(process), true};
  return observation;
}

}  // namespace

class Agent::Impl {
 public:
  // `uris` are those of its certificate.
  Impl(AgentOptions options, channel::Address analyzer,
       std::vector<std::string> uris)
      : options_(std::move(options)),
        analyzer_(std::move(analyzer)),
        uris_(std::move(uris)),
        started_ns_(UnixNanos()),
        identity_(options_.identity),
        coverage_(identity_),
        own_(FindOwnProcesses(options_.supervisor)),
        enricher_({.tree = TreeOptions(),
                   .redaction_salt = options_.redaction_salt,
                   .started_ns = started_ns_,
                   .only_known_dns = options_.only_captured_dns,
                   .own = own_,
                   .is_own = [this](pid_t pid) { return IsOwn(pid); }},
                  identity_),
        throttle_(options_.rate_limits),
        budget_(options_.cpu_budget),
        buffer_(options_.buffer_bytes),
        queue_(kQueueCapacity) {}

  ~Impl() { Stop(absl::ZeroDuration()); }

  absl::Status Start() {
    GATEWATCH_ASSIGN_OR_RETURN(
        capture_, Capture::Start({.launch_socket = options_.launch_socket,
                                  .attach = options_.attach,
                                  .attach_pids = options_.attach_pids,
                                  .attach_ignored = options_.attach_ignored,
                                  .rung = options_.rung,
                                  .dns = options_.dns},
                                 queue_));
    AnnounceStart();
    pump_ = std::thread([this] { Pump(); });
    shipper_.emplace(ShipperOptions(), buffer_, identity_);
    return absl::OkStatus();
  }

  uint64_t progress() const { return progress_; }

  bool Stop(absl::Duration patience) {
    if (!shipper_) return true;
    const absl::Time deadline = absl::Now() + patience;
    stopping_ = true;
    pump_.join();
    const bool delivered = buffer_.AwaitEmpty(deadline - absl::Now());
    shipper_->Stop("stopped");
    shipper_.reset();
    return delivered;
  }

 private:
  Shipper::Options ShipperOptions() {
    return {.address = analyzer_,
            .channel = options_.channel,
            .agent_id = options_.agent_id.empty()
                            ? AgentIdFor(uris_, identity_.AgentId())
                            : options_.agent_id,
            .epoch = started_ns_,
            .version = GATEWATCH_VERSION,
            .coverage = [this] { return coverage_.last(); },
            .counters = [this] { return CaptureCounters(); },
            .on_policy =
                [this](const v1::CapturePolicy& policy) { OnPolicy(policy); }};
  }

  bool IsOwn(pid_t pid) const {
    if (capture_->IsKeeper(pid)) return true;
    if (pid != ::getpid() && pid != options_.supervisor) return false;
    const auto process = probes::ProcReader().Snapshot(pid);
    return process.ok() && own_.Contains(*process);
  }

  void AnnounceStart() {
    std::vector<EnrichedEvent> events(1, AgentEvent());
    events[0].event.mutable_agent_start()->set_version(GATEWATCH_VERSION);
    buffer_.Append(std::move(events));
    AnnounceCoverage();
  }

  void AnnounceCoverage() {
    std::vector<EnrichedEvent> events(1, AgentEvent());
    *events[0].event.mutable_coverage() =
        coverage_.Update(capture_->coverage());
    buffer_.Append(std::move(events));
  }

  std::deque<probes::Observation> AwaitObservations() {
    using Wake = probes::ObservationQueue::Wake;
    const bool rests = idle_turns_ >= kTurnsBeforeRest;
    auto observations = queue_.Take(
        rests ? kRest : kTake, rests ? Wake::kByFirst : Wake::kWhenHalfFull);
    idle_turns_ = observations.empty() ? idle_turns_ + 1 : 0;
    return observations;
  }

  // The thread between the probes and the buffer.
  void Pump() {
    if (options_.inventory) TakeInventory();
    absl::Time next_tick = absl::Now();
    while (!stopping_) {
      PassOn(AwaitObservations());
      if (absl::Now() < next_tick) continue;
      capture_->Tick();
      KeepBudget();
      FollowPolicy();
      FollowCoverage();
      buffer_.Append(throttle_.TakeReports(UnixNanos()));
      UpdateCounters();
      next_tick = absl::Now() + kTick;
      ++progress_;
    }
    capture_->Stop();
    PassOn(queue_.Take(absl::ZeroDuration()));
    buffer_.Append(throttle_.TakeReports(UnixNanos(), /*all=*/true));
    std::vector<EnrichedEvent> last(1, AgentEvent());
    last[0].event.mutable_agent_stop()->set_reason("stopped");
    buffer_.Append(std::move(last));
  }

  void TakeInventory() {
    std::deque<probes::Observation> found;
    for (probes::ProcessSnapshot& process : probes::TakeInventory()) {
      found.push_back(Found(std::move(process)));
    }
    PassOn(std::move(found));
  }

  void PassOn(std::deque<probes::Observation> observations) {
    if (observations.empty()) return;
    std::vector<EnrichedEvent> events;
    events.reserve(observations.size());
    for (const probes::Observation& observation : observations) {
      auto event = Enrich(observation);
      if (event) events.push_back(*std::move(event));
    }
    buffer_.Append(std::move(events));
  }

  // Nothing when it makes no event, or one too many of its kind. What is
  // learned from it is kept in any case.
  std::optional<EnrichedEvent> Enrich(const probes::Observation& observation) {
    const absl::string_view limit = RateLimitOf(observation);
    const auto admitted = [&] {
      return limit.empty() ||
             throttle_.Admit(enricher_.ContainerOf(observation.process), limit,
                             observation.count, UnixNanos());
    };
    const bool teaches = AddsToKnowledge(observation);
    if (!teaches && !admitted()) return std::nullopt;
    auto event = enricher_.Enrich(observation);
    if (event && teaches && !admitted()) return std::nullopt;
    return event;
  }

  void KeepBudget() {
    const probes::CaptureLevel level =
        budget_.Measure(MonotonicNanos(), OwnCpuNanos());
    if (level == level_) return;
    if (level > level_) {
      LogWarning("over its CPU budget: ", DescribeLevel(level));
    } else {
      LogInfo("within its CPU budget again: ", DescribeLevel(level));
    }
    level_ = level;
    capture_->Limit(level);
  }

  void OnPolicy(const v1::CapturePolicy& policy)
      ABSL_LOCKS_EXCLUDED(policy_mutex_) {
    absl::MutexLock lock(&policy_mutex_);
    new_kinds_ = WantedKinds(policy);
  }

  void FollowPolicy() ABSL_LOCKS_EXCLUDED(policy_mutex_) {
    std::optional<std::vector<std::string>> kinds;
    {
      absl::MutexLock lock(&policy_mutex_);
      kinds = std::exchange(new_kinds_, std::nullopt);
    }
    if (kinds) capture_->UseKinds(*kinds);
  }

  // Tells of changes, though not of each when they come fast.
  void FollowCoverage() {
    const uint64_t version = capture_->coverage_version();
    if (version == coverage_version_ || absl::Now() < next_coverage_) return;
    coverage_version_ = version;
    next_coverage_ = absl::Now() + kCoverageInterval;
    AnnounceCoverage();
  }

  void UpdateCounters() ABSL_LOCKS_EXCLUDED(counters_mutex_) {
    const probes::ProbeCounters counted = capture_->counters();
    absl::MutexLock lock(&counters_mutex_);
    counters_.set_observed(counted.observed);
    counters_.set_folded(counted.folded);
    counters_.set_dropped(counted.dropped);
    counters_.set_gone(counted.gone);
    counters_.set_throttled(counted.throttled + throttle_.throttled());
  }

  v1::AgentCounters CaptureCounters() const
      ABSL_LOCKS_EXCLUDED(counters_mutex_) {
    absl::MutexLock lock(&counters_mutex_);
    return counters_;
  }

  const AgentOptions options_;
  const channel::Address analyzer_;
  const std::vector<std::string> uris_;
  const uint64_t started_ns_;
  ContainerIdentity identity_;
  CoverageReport coverage_;
  const OwnProcesses own_;
  Enricher enricher_;  // the pump's, as the next
  Throttle throttle_;
  CpuBudget budget_;
  probes::CaptureLevel level_ = probes::CaptureLevel::kAll;
  EventBuffer buffer_;
  probes::ObservationQueue queue_;
  int idle_turns_ = 0;                // the pump's
  std::unique_ptr<Capture> capture_;  // the pump's, once that runs
  uint64_t coverage_version_ = 0;     // the pump's, as the next
  absl::Time next_coverage_ = absl::InfinitePast();
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> progress_ = 0;
  std::thread pump_;
  absl::Mutex policy_mutex_;
  // What the analyzer wants, until the pump knows; empty: all kinds.
  std::optional<std::vector<std::string>> new_kinds_
      ABSL_GUARDED_BY(policy_mutex_);
  mutable absl::Mutex counters_mutex_;
  v1::AgentCounters counters_ ABSL_GUARDED_BY(counters_mutex_);
  std::optional<Shipper> shipper_;
};

Agent::Agent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Agent::~Agent() = default;

absl::StatusOr<std::unique_ptr<Agent>> Agent::Start(AgentOptions options) {
  GATEWATCH_ASSIGN_OR_RETURN(channel::Address analyzer,
                             channel::ParseAddress(options.analyzer));
  if (!analyzer.host.empty() && analyzer.port == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.analyzer, " names no port"));
  }
  GATEWATCH_RETURN_IF_ERROR(
      channel::ProtectionAt(analyzer, options.channel).status());
  std::vector<std::string> uris;
  if (options.channel.tls()) {
    GATEWATCH_ASSIGN_OR_RETURN(const channel::Identity identity,
                               channel::LoadIdentity(options.channel));
    uris = identity.uris;
  }
  auto impl = std::make_unique<Impl>(std::move(options), std::move(analyzer),
                                     std::move(uris));
  GATEWATCH_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Agent>(new Agent(std::move(impl)));
}

uint64_t Agent::progress() const { return impl_->progress(); }

bool Agent::Stop(absl::Duration patience) { return impl_->Stop(patience); }

}  // namespace gatewatch::agent
