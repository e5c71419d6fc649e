// The command traced by ptrace(2): from its beginning and with a filter, or
// attached to and without one.

#include <memory>
#include <optional>
#include <utility>

#include "catch2/catch.hpp"
#include "probes/ptrace/ptrace_probe.h"
#include "tests/contract/collector.h"
#include "tests/contract/rung.h"

namespace gatewatch::testing {
namespace {

using probes::PtraceProbe;

// What the two forms share: a probe in this process.
class PtraceWatcher : public Watcher {
 public:
  ~PtraceWatcher() override { Finish(); }

  void AwaitEmpty() override {
    AwaitThat([this] { return probe_->finished(); },
              "a process of the workload is left");
  }

  Observed Finish() override {
    Observed observed;
    if (probe_ == nullptr) return observed;
    observed.observations = collector_.End([this] { probe_->Stop(); });
    observed.counters = probe_->counters();
    return observed;
  }

 protected:
  probes::ObservationQueue& queue() { return collector_.queue(); }
  PtraceProbe& probe() { return *probe_; }
  void Begin(std::unique_ptr<PtraceProbe> probe) {
    probe_ = std::move(probe);
    probe_->Limit(level());
    collector_.Begin([this] { probe_->Tick(); });
  }

 private:
  Collector collector_;  // first: the probe uses its queue
  std::unique_ptr<PtraceProbe> probe_;
};

class TracedLaunch : public PtraceWatcher {
 public:
  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    Stdio stdio(output);
    auto probe = PtraceProbe::Launch({command, stdio.fds()}, queue());
    REQUIRE(probe.ok());
    Begin(*std::move(probe));
    return stdio.TakeOutput();
  }

  int AwaitStatus() override {
    AwaitThat([this] { return probe().result().has_value(); },
              "the command did not end");
    const probes::ProcessExited how = *probe().result();
    return how.code.value_or(128 + how.signal);
  }
};

class TracedAttach : public PtraceWatcher {
 public:
  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    held_.emplace(command, output);
    Begin(PtraceProbe::ForAttach(queue()));
    const absl::Status attached = probe().Attach(held_->pid());
    INFO(attached.ToString());
    REQUIRE(attached.ok());
    held_->Release();
    return std::move(held_->parent().output);
  }

  int AwaitStatus() override { return AwaitExit(held_->parent().pid); }

 private:
  std::optional<HeldCommand> held_;
};

Rung PtraceRung(std::string name,
                std::function<std::unique_ptr<Watcher>()> watch) {
  Rung rung;
  rung.name = std::move(name);
  rung.watch = std::move(watch);
  rung.knows_outcomes = true;
  rung.knows_forks = true;
  rung.knows_signals = true;
  rung.permits_tracing = false;
  return rung;
}

}  // namespace

Rung PtraceLaunchRung() {
  return PtraceRung("ptrace (launch)",
                    [] { return std::make_unique<TracedLaunch>(); });
}

Rung PtraceAttachRung() {
  return PtraceRung("ptrace (attach)",
                    [] { return std::make_unique<TracedAttach>(); });
}

}  // namespace gatewatch::testing
