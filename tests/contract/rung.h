#ifndef GATEWATCH_TESTS_CONTRACT_RUNG_H_
#define GATEWATCH_TESTS_CONTRACT_RUNG_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "probes/observation.h"
#include "probes/probe.h"
#include "tests/contract/running.h"

namespace gatewatch::testing {

// What a probe saw of one command.
struct Observed {
  std::vector<probes::Observation> observations;
  int status = 0;  // exit status, or 128 + signal
  probes::ProbeCounters counters;

  // The observations with that detail.
  template <typename Detail>
  std::vector<const probes::Observation*> Of() const {
    std::vector<const probes::Observation*> found;
    for (const auto& observation : observations) {
      if (std::holds_alternative<Detail>(observation.detail)) {
        found.push_back(&observation);
      }
    }
    return found;
  }
};

// Captures one command in one way. The methods are called once each, in this
// order.
class Watcher {
 public:
  virtual ~Watcher() = default;

  // Before Start(): what the probe is to leave out.
  void Limit(probes::CaptureLevel level) { level_ = level; }

  // Runs the command, observed from its first call on. What it writes can be
  // read from the result.
  virtual UniqueFd Start(const std::vector<std::string>& command,
                         Output output) = 0;
  // Waits until the command has ended; its status as AwaitExit() gives it.
  virtual int AwaitStatus() = 0;
  // Waits until the last process of the workload is gone.
  virtual void AwaitEmpty() = 0;
  virtual Observed Finish() = 0;

 protected:
  probes::CaptureLevel level() const { return level_; }

 private:
  probes::CaptureLevel level_ = probes::CaptureLevel::kAll;
};

// One way of capture, and what is not the same in all of them: see
// docs/coverage.md.
struct Rung {
  std::string name;
  std::function<std::unique_ptr<Watcher>()> watch;
  std::string why_not;  // this host does not permit it; empty: it does

  bool knows_outcomes = false;  // of calls: whether they succeeded
  bool knows_forks = false;     // also of a process that does nothing
  bool knows_signals = false;   // which signal killed a process
  bool permits_tracing = true;  // processes of the workload may trace others
};

// All there are, in the order of the ladder.
const std::vector<Rung>& AllRungs();

// The rungs, one file each (rungs_*.cc).
Rung AttachRung();
Rung LaunchRung();
Rung PtraceLaunchRung();
Rung PtraceAttachRung();
Rung BpfRung();

// Runs the rest of a test case once for each rung that this host permits.
#define GATEWATCH_EACH_RUNG(rung)                                           \
  const ::gatewatch::testing::Rung rung =                                   \
      GENERATE(from_range(::gatewatch::testing::AllRungs()));               \
  INFO("rung: " << (rung).name);                                            \
  if (!(rung).why_not.empty()) {                                            \
    return ::gatewatch::testing::Skip((rung).name + ": " + (rung).why_not); \
  }

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_CONTRACT_RUNG_H_
