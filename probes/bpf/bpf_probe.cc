#include "probes/bpf/bpf_probe.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

#include "base/clock.h"
#include "probes/bpf/recorded_call.h"
#include "probes/calls/folding.h"
#include "probes/calls/peeked_memory.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(10);
constexpr uint64_t kFoldIntervalNs = 100'000'000;

uint64_t BootNanos() {
  timespec now;
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(now.tv_nsec);
}

uint64_t HashOfCall(const SyscallRow& row, const Record& record) {
  RegisterArguments arguments;
  std::copy(std::begin(record.head.arguments), std::end(record.head.arguments),
            arguments.begin());
  return HashOfRegisters(row, arguments);
}

// An exec that failed: success has a record of its own.
ProcessExeced AttemptOf(const Record& record, LocatedCall located) {
  ProcessExeced attempt;
  attempt.after = RecordedProcess(record.head.task);
  attempt.after.executable.path = located.call.path;
  attempt.after.arguments = std::move(located.call.argv);
  attempt.after.arguments_truncated = located.call.truncated;
  attempt.filename = located.raw_path ? *std::move(located.raw_path)
                                      : std::move(located.call.path);
  return attempt;
}

// The name of what the programs count at a place of their table.
absl::string_view LostName(size_t slot) {
  switch (slot) {
    case GW_LOST_FORK:
      return "clone";
    case GW_LOST_EXEC:
      return "execve";
    case GW_LOST_EXIT:
      return "procexit";
    default: {
      const SyscallRow* row = FindSyscall(static_cast<int>(slot));
      return row == nullptr ? "" : row->name;
    }
  }
}

}  // namespace

BpfProbe::BpfProbe(ObservationQueue& queue)
    : boot_unix_ns_(UnixNanos() - BootNanos()),
      sink_(queue),
      processes_(
          proc_, BootNanos(),
          [this](Observation observation)
              ABSL_NO_THREAD_SAFETY_ANALYSIS {       // called by methods of
                sink_.Emit(std::move(observation));  // processes_, locked
              }) {}

absl::StatusOr<std::unique_ptr<BpfProbe>> BpfProbe::Start(
    const BpfScope& scope, ObservationQueue& queue) {
  std::unique_ptr<BpfProbe> probe(new BpfProbe(queue));
  auto program = BpfProgram::Load(
      scope,
      [self = probe.get()](absl::string_view bytes) { self->Take(bytes); });
  if (!program.ok()) return program.status();
  probe->program_ = *std::move(program);
  probe->thread_ = std::thread(&BpfProbe::Run, probe.get());
  return probe;
}

BpfProbe::~BpfProbe() { Stop(); }

void BpfProbe::Run() {
  while (!stopping_) program_->Poll(kPollInterval);
  program_->Detach();
  program_->Poll(absl::ZeroDuration());
}

void BpfProbe::Take(absl::string_view bytes) {
  const auto record = ParseRecord(bytes);
  if (!record.ok()) return;  // ours: cannot be, and is not worth an end
  const uint64_t time_ns = boot_unix_ns_ + record->head.time_ns;
  absl::MutexLock lock(&mutex_);
  switch (record->head.kind) {
    case GW_CALL:
      return OnCall(*record, time_ns);
    case GW_FORK:
      return processes_.OnFork(*record, time_ns);
    case GW_EXEC:
      ++counters_.observed;
      return processes_.OnExec(*record, time_ns);
    case GW_EXIT:
      ++counters_.observed;
      return processes_.OnExit(*record, time_ns);
    default:
      return;
  }
}

void BpfProbe::OnCall(const Record& record, uint64_t time_ns) {
  const SyscallRow* row = FindSyscall(static_cast<int>(record.head.call));
  const RecordedProcesses::Process* process =
      processes_.Find(record.head.task, time_ns);
  if (row == nullptr || process == nullptr) return;
  Observation observation;
  observation.time_ns = time_ns;
  observation.process = process->snapshot.id;
  observation.tid = static_cast<pid_t>(record.head.task.tid);
  observation.syscall = row->name;
  observation.outcome = RecordedOutcome(record);
  auto located = LocateRecorded(*row, record);
  if (!located.ok()) {
    // A bad pointer: as no rung sees what was not there.
    if (observation.outcome.error == EFAULT) return;
    ++counters_.gone;
    sink_.CountLost(row->name, 1, time_ns);
    return;
  }
  observation.truncated = located->call.truncated;
  ++counters_.observed;
  OnDescribedCall(*row, record, *std::move(located), std::move(observation),
                  process->state);
  processes_.NoteCredentials(record.head.task, time_ns);
}

void BpfProbe::OnDescribedCall(const SyscallRow& row, const Record& record,
                               LocatedCall located, Observation observation,
                               uint32_t state) {
  if (row.action == Action::kExec) {
    observation.detail = AttemptOf(record, std::move(located));
    return sink_.Emit(std::move(observation));
  }
  FoldTable::Key key{observation.process, state,
                     static_cast<int>(record.head.call)};
  const bool foldable = IsFoldable(row.action);
  const std::string object = foldable ? ObjectOf(located.call) : "";
  if (foldable) {
    key.error = observation.outcome.error;
    key.arguments = HashOfCall(row, record);
    key.object = object;
    if (auto* repeats = folds_.Find(key, observation.time_ns)) {
      ++counters_.folded;
      return FoldTable::CountRepeat(*repeats, observation.time_ns);
    }
  }
  auto detail = DescribeRecorded(row, record, std::move(located));
  if (!detail) return;
  observation.detail = *std::move(detail);
  if (foldable) folds_.Remember(key, observation);
  sink_.Emit(std::move(observation));
}

void BpfProbe::CountLostRecords(uint64_t now_ns) {
  const BpfProgram::LostCounts counts = program_->ReadLost();
  for (size_t slot = 0; slot < counts.size(); ++slot) {
    const uint64_t more = counts[slot] - lost_records_[slot];
    if (more == 0) continue;
    sink_.CountLost(LostName(slot), more, now_ns);
  }
  const bool ends_lost = counts[GW_LOST_EXIT] != lost_records_[GW_LOST_EXIT];
  lost_records_ = counts;
  if (ends_lost) processes_.Sweep(now_ns);
}

void BpfProbe::CountLeftOut(uint64_t now_ns) {
  const BpfProgram::CallCounts counts = program_->ReadLeftOut();
  for (size_t call = 0; call < counts.size(); ++call) {
    const uint64_t more = counts[call] - left_out_[call];
    if (more != 0) sink_.CountThrottled(LostName(call), more, now_ns);
  }
  left_out_ = counts;
}

void BpfProbe::Tick() {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  const uint64_t now = UnixNanos();
  CountLostRecords(now);
  sink_.ReportLost();
  if (now < next_fold_ns_) return;
  next_fold_ns_ = now + kFoldIntervalNs;
  CountLeftOut(now);
  sink_.ReportThrottled(now);
  for (Observation& repeats : folds_.TakeDue(now))
    sink_.Emit(std::move(repeats));
}

void BpfProbe::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  if (program_ == nullptr) return;  // it never started
  const uint64_t now = UnixNanos();
  for (Observation& repeats : folds_.TakeDue(now, true)) {
    sink_.Emit(std::move(repeats));
  }
  CountLostRecords(now);
  sink_.ReportLost();
  CountLeftOut(now);
  sink_.ReportThrottled(now, /*all=*/true);
}

ProbeCounters BpfProbe::counters() const {
  absl::MutexLock lock(&mutex_);
  ProbeCounters counters = counters_;
  counters.dropped = sink_.dropped();
  counters.throttled = sink_.throttled();
  return counters;
}

}  // namespace gatewatch::probes
