#include "agent/capture.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/launch/calls_of_kinds.h"
#include "agent/launch_command.h"
#include "base/status.h"
#include "probes/bpf/bpf_probe.h"
#include "probes/packet/packet_probe.h"
#include "probes/procfs/procfs_poller.h"
#include "probes/ptrace/ptrace_probe.h"

namespace gatewatch::agent {
namespace {

constexpr char kNotWanted[] =
    "no rule of the analyzer asks for it (seen where launched all the same)";
// Captured whatever the analyzer wants.
constexpr absl::string_view kUnconditional[] = {"start", "exec", "exit",
                                                "credentials", "dns"};

// For the analyzer to say what is wanted.
constexpr absl::Duration kKindsPatience = absl::Seconds(1);

uint64_t InodeOf(const char* path) {
  struct stat file = {};
  return ::stat(path, &file) == 0 ? file.st_ino : 0;
}

RootFinder::Options RootOptions(const Capture::Options& options,
                                probes::ProcFallback& fallback) {
  RootFinder::Options roots;
  roots.fallback = &fallback;
  if (options.attach) roots.own_mount_namespace = InodeOf("/proc/self/ns/mnt");
  roots.pids = options.attach_pids;
  roots.ignored = DefaultIgnoredPrograms();
  roots.ignored.insert(roots.ignored.end(), options.attach_ignored.begin(),
                       options.attach_ignored.end());
  return roots;
}

template <typename Kinds>
bool Lists(const Kinds& kinds, absl::string_view kind) {
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

std::vector<probes::RungChoice> Restricted(
    std::vector<probes::RungChoice> choices,
    const std::vector<std::string>& wanted) {
  if (wanted.empty()) return choices;
  for (probes::RungChoice& choice : choices) {
    if (Lists(wanted, choice.kind) || Lists(kUnconditional, choice.kind)) {
      continue;
    }
    choice.rung.clear();
    choice.reason = kNotWanted;
  }
  return choices;
}

// What is wanted of a root, and what the filter that it has lets pass.
std::vector<std::string> UnseenKinds(
    const RootFinder::Root& root,
    const std::vector<probes::RungChoice>& wanted) {
  std::vector<std::string> unseen;
  if (!root.attached || root.kinds.empty()) return unseen;
  const std::vector<std::string> seen = absl::StrSplit(root.kinds, ',');
  for (const probes::RungChoice& choice : wanted) {
    // Where the launcher sees it, so does attaching: the filter is the same.
    const bool served = !choice.rung.empty();
    if (served && !Lists(seen, choice.kind) &&
        !Lists(kUnconditional, choice.kind)) {
      unseen.push_back(choice.kind);
    }
  }
  return unseen;
}

// What the kernel need not know of, for want of a way to tell it.
absl::Status CheckEbpfScope(const Capture::Options& options) {
  if (options.attach_pids.size() <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--rung ebpf watches one --attach-pid and what it starts, or all");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Capture>> Capture::Start(
    const Options& options, probes::ObservationQueue& queue) {
  std::unique_ptr<Capture> capture(new Capture());
  // It forks: before there are threads of capture.
  const std::vector<probes::HostFeature> features = probes::ProbeHost();
  GATEWATCH_ASSIGN_OR_RETURN(const std::string launcher, LauncherPath());
  capture->helpers_ = std::make_unique<probes::UidHelpers>();
  GATEWATCH_ASSIGN_OR_RETURN(
      capture->launches_,
      LaunchServer::Start(options.launch_socket, queue, launcher,
                          capture->helpers_.get()));
  capture->rungs_ = {"launch"};
  GATEWATCH_RETURN_IF_ERROR(capture->StartRung(options, queue));
  if (!capture->root_rung_.empty()) {
    capture->rungs_.push_back(capture->root_rung_);
  }
  if (options.dns) capture->StartDns(queue);
  capture->kinds_ = probes::ChooseRungs(features, capture->rungs_);
  return capture;
}

absl::Status Capture::StartRung(const Options& options,
                                probes::ObservationQueue& queue) {
  if (options.rung == Rung::kEbpf) return StartEbpf(options, queue);
  if (!options.attach && options.attach_pids.empty()) return absl::OkStatus();
  if (options.rung != Rung::kBest) {
    return StartAttaching(options, options.rung, queue);
  }
  // A process that is named is attached to: the kernel can be told of one
  // process tree only.
  if (options.attach_pids.empty() && StartEbpf(options, queue).ok()) {
    return absl::OkStatus();
  }
  return StartAttaching(options, Rung::kAttach, queue);
}

absl::Status Capture::StartEbpf(const Options& options,
                                probes::ObservationQueue& queue) {
  GATEWATCH_RETURN_IF_ERROR(CheckEbpfScope(options));
  probes::BpfScope scope;
  if (options.attach_pids.empty()) {
    scope.pid_namespace = InodeOf("/proc/self/ns/pid");
  } else {
    scope.root_pid = options.attach_pids[0];
  }
  GATEWATCH_ASSIGN_OR_RETURN(auto probe, probes::BpfProbe::Start(scope, queue));
  ebpf_ = probe.get();
  probes_.push_back(std::move(probe));
  root_rung_ = "ebpf";
  return absl::OkStatus();
}

absl::Status Capture::StartAttaching(const Options& options, Rung rung,
                                     probes::ObservationQueue& queue) {
  Attacher::Options attach;
  GATEWATCH_ASSIGN_OR_RETURN(attach.launcher, LauncherPath());
  attach.launch_socket = options.launch_socket;
  attach.kinds_patience = kKindsPatience;
  attach.roots = RootOptions(options, *helpers_);
  root_rung_ = "attach";
  if (rung == Rung::kPtrace) {
    auto probe = probes::PtraceProbe::ForAttach(queue);
    attach.attach = [&tracer = *probe](pid_t pid) {
      return tracer.Attach(pid);
    };
    probes_.push_back(std::move(probe));
    root_rung_ = "ptrace";
  }
  if (rung == Rung::kProcfs) {
    attach.attach = [](pid_t) {
      return absl::FailedPreconditionError("--rung procfs was asked for");
    };
  }
  attacher_ = std::make_unique<Attacher>(std::move(attach));
  return StartPolling(queue);
}

// What cannot be attached to is looked at from outside.
absl::Status Capture::StartPolling(probes::ObservationQueue& queue) {
  probes::ProcfsPoller::Options options;
  options.fallback = helpers_.get();
  options.covered = [&attacher = *attacher_](const probes::ProcessId& id) {
    return !attacher.Refused(id);
  };
  GATEWATCH_ASSIGN_OR_RETURN(
      auto poller, probes::ProcfsPoller::Start(std::move(options), queue));
  probes_.push_back(std::move(poller));
  rungs_.push_back("procfs");
  return absl::OkStatus();
}

// Without the permission there are no DNS events, as `kinds` says.
void Capture::StartDns(probes::ObservationQueue& queue) {
  probes::PacketProbe::Options options;
  options.fallback = helpers_.get();
  auto probe = probes::PacketProbe::Start(options, queue);
  if (!probe.ok()) return;
  probes_.push_back(*std::move(probe));
  rungs_.push_back("packet");
}

Capture::~Capture() { Stop(); }

void Capture::Tick() {
  launches_->Tick();
  for (const auto& probe : probes_) probe->Tick();
}

void Capture::Limit(probes::CaptureLevel level) {
  launches_->Limit(level);
  for (const auto& probe : probes_) probe->Limit(level);
}

void Capture::UseKinds(const std::vector<std::string>& kinds) {
  if (attacher_) attacher_->UseKinds(kinds);
  if (ebpf_ != nullptr) ebpf_->Observe(CallsOfKinds(absl::StrJoin(kinds, ",")));
  if (attacher_ || ebpf_ != nullptr) wanted_ = kinds;
  ++kinds_version_;
}

void Capture::Stop() {
  for (const auto& probe : probes_) probe->Stop();
  attacher_.reset();
  if (launches_) launches_->Stop();  // null: another agent has the socket
}

probes::ProbeCounters Capture::counters() const {
  const LaunchServer::Counters launched = launches_->counters();
  probes::ProbeCounters total{launched.observed, launched.folded,
                              launched.dropped, launched.gone,
                              launched.throttled};
  for (const auto& probe : probes_) {
    const probes::ProbeCounters counted = probe->counters();
    total.observed += counted.observed;
    total.folded += counted.folded;
    total.dropped += counted.dropped;
    total.gone += counted.gone;
    total.throttled += counted.throttled;
  }
  return total;
}

Capture::Coverage Capture::coverage() const {
  Coverage coverage;
  coverage.kinds = Restricted(kinds_, wanted_);
  coverage.root_rung = root_rung_;
  if (!attacher_) return coverage;
  for (RootFinder::Root& root : attacher_->roots()) {
    std::vector<std::string> unseen = UnseenKinds(root, coverage.kinds);
    coverage.roots.push_back({std::move(root), std::move(unseen)});
  }
  return coverage;
}

uint64_t Capture::coverage_version() const {
  return kinds_version_ + (attacher_ ? attacher_->version() : 0);
}

}  // namespace gatewatch::agent
