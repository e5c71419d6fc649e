// The command and its descendants under eBPF.

#include <optional>
#include <utility>

#include "probes/bpf/bpf_probe.h"
#include "tests/contract/collector.h"
#include "tests/contract/rung.h"

namespace gatewatch::testing {
namespace {

class BpfWatcher : public Watcher {
 public:
  ~BpfWatcher() override { Finish(); }

  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    held_.emplace(command, output);
    auto probe =
        probes::BpfProbe::Start({.root_pid = held_->pid()}, collector_.queue());
    if (!probe.ok()) throw std::runtime_error(probe.status().ToString());
    probe_ = *std::move(probe);
    probe_->Limit(level());
    collector_.Begin([this] { probe_->Tick(); });
    held_->Release();
    return std::move(held_->parent().output);
  }

  int AwaitStatus() override { return AwaitExit(held_->parent().pid); }

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

 private:
  std::optional<HeldCommand> held_;
  std::unique_ptr<probes::BpfProbe> probe_;
  Collector collector_;  // last: its thread uses the probe
};

// What this host says to a probe of a process that is not there.
std::string WhyNot() {
  probes::ObservationQueue queue{1};
  const auto probe = probes::BpfProbe::Start({.root_pid = 1 << 22}, queue);
  return probe.ok() ? "" : probe.status().ToString();
}

}  // namespace

Rung BpfRung() {
  Rung rung;
  rung.name = "ebpf";
  rung.watch = [] { return std::make_unique<BpfWatcher>(); };
  rung.why_not = WhyNot();
  rung.knows_outcomes = true;
  rung.knows_signals = true;
  return rung;
}

}  // namespace gatewatch::testing
