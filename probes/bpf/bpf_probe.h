#ifndef GATEWATCH_PROBES_BPF_BPF_PROBE_H_
#define GATEWATCH_PROBES_BPF_BPF_PROBE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "probes/bpf/bpf_program.h"
#include "probes/bpf/recorded_call.h"
#include "probes/bpf/recorded_processes.h"
#include "probes/calls/fold_table.h"
#include "probes/observation_sink.h"
#include "probes/observation.h"
#include "probes/probe.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// Observes processes with eBPF: every call in the table with its result, every
// start, exec and end. What is observed never waits for this process, and
// nothing of it changes.
//
// Threads:   one of its own reads the ring buffer; the others' methods as in
//            Probe.
// Ownership: the queue must outlive it.
// Full:      what does not fit into the ring buffer (8 MiB) or into the queue
//            is counted by call and reported as ObservationsLost.
// Late:      an observation is made up to 10 ms after what it tells of. It
//            rests on what the kernel recorded then, not on what /proc says
//            now; only processes older than the probe are read from there.
class BpfProbe : public Probe {
 public:
  // Says what this host lacks when it cannot be: see BpfProgram::Load().
  static absl::StatusOr<std::unique_ptr<BpfProbe>> Start(
      const BpfScope& scope, ObservationQueue& queue);
  ~BpfProbe() override;  // as Stop()

  void Tick() override ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() override ABSL_LOCKS_EXCLUDED(mutex_);
  // In the kernel: what is left out costs a comparison.
  void Limit(CaptureLevel level) override { program_->Limit(level); }
  ProbeCounters counters() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // Observes these calls alone from now on, beside starts, execs and ends.
  void Observe(absl::Span<const SyscallRow> rows) { program_->Observe(rows); }

  // With a root in its scope: that and all its descendants have ended. What
  // they did may still be on its way.
  bool finished() const { return program_->RootIsGone(); }

 private:
  explicit BpfProbe(ObservationQueue& queue);

  void Run();
  void Take(absl::string_view bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCall(const Record& record, uint64_t time_ns)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnDescribedCall(const SyscallRow& row, const Record& record,
                       LocatedCall located, Observation observation,
                       uint32_t state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountLostRecords(uint64_t now_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountLeftOut(uint64_t now_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ProcReader proc_;
  const uint64_t boot_unix_ns_;  // when the clock of the records began
  std::atomic<bool> stopping_{false};

  mutable absl::Mutex mutex_;
  ObservationSink sink_ ABSL_GUARDED_BY(mutex_);
  RecordedProcesses processes_ ABSL_GUARDED_BY(mutex_);
  FoldTable folds_ ABSL_GUARDED_BY(mutex_);
  ProbeCounters counters_ ABSL_GUARDED_BY(mutex_);
  BpfProgram::LostCounts lost_records_ ABSL_GUARDED_BY(mutex_) = {};
  BpfProgram::CallCounts left_out_ ABSL_GUARDED_BY(mutex_) = {};
  uint64_t next_fold_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<BpfProgram> program_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_BPF_BPF_PROBE_H_
