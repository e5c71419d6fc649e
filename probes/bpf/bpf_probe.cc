#include "probes/bpf/bpf_probe.h"

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "probes/bpf/recorded_call.h"
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

// Calls that a process makes over and over on the same object.
bool IsFoldable(Action action) {
  switch (action) {
    case Action::kOpen:
    case Action::kConnect:
    case Action::kSendTo:
    case Action::kAccept:
    case Action::kMkdir:
      return true;
    default:
      return false;
  }
}

// What a foldable call is made on, beside its registers.
std::string ObjectOf(const DecodedCall& call) {
  return absl::StrCat(call.path, absl::string_view("\0", 1), call.address.ip,
                      ":", call.address.port, call.address.path);
}

// Success is one thing, each failure another.
uint64_t HashOfCall(const SyscallRow& row, const Record& record) {
  RegisterArguments arguments;
  std::copy(std::begin(record.head.arguments), std::end(record.head.arguments),
            arguments.begin());
  return absl::HashOf(HashOfRegisters(row, arguments),
                      std::min<int64_t>(record.head.result, 0));
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
    : queue_(queue),
      boot_unix_ns_(UnixNanos() - BootNanos()),
      processes_(proc_, BootNanos(),
                 [this](Observation observation)
                     ABSL_NO_THREAD_SAFETY_ANALYSIS {  // called by methods of
                       Emit(std::move(observation));   // processes_, locked
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
    ++counters_.gone;
    CountLost(row->name, 1, time_ns);
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
    // It failed: success has a record of its own.
    ProcessExeced attempt;
    attempt.after = RecordedProcess(record.head.task);
    attempt.after.executable.path = located.call.path;
    attempt.after.arguments = std::move(located.call.argv);
    attempt.after.arguments_truncated = observation.truncated;
    attempt.filename = located.raw_path ? *std::move(located.raw_path)
                                        : std::move(located.call.path);
    observation.detail = std::move(attempt);
    return Emit(std::move(observation));
  }
  FoldTable::Key key{observation.process, state,
                     static_cast<int>(record.head.call)};
  const bool foldable = IsFoldable(row.action);
  const std::string object = foldable ? ObjectOf(located.call) : "";
  if (foldable) {
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
  Emit(std::move(observation));
}

void BpfProbe::Emit(Observation observation) {
  const absl::string_view syscall = observation.syscall;
  const uint64_t count = observation.count;
  const uint64_t time_ns = observation.time_ns;
  if (queue_.TryPush(std::move(observation))) return;
  ++counters_.dropped;
  CountLost(syscall, count, time_ns);
}

void BpfProbe::CountLost(absl::string_view syscall, uint64_t count,
                         uint64_t time_ns) {
  auto entry =
      std::find_if(lost_.counts.begin(), lost_.counts.end(),
                   [&](const auto& known) { return known.syscall == syscall; });
  if (entry == lost_.counts.end()) {
    entry = lost_.counts.insert(entry, {std::string(syscall), 0});
  }
  entry->count += count;
  if (lost_.since_ns == 0) lost_.since_ns = time_ns;
  lost_.until_ns = time_ns;
}

void BpfProbe::CountLostRecords(uint64_t now_ns) {
  const BpfProgram::LostCounts counts = program_->ReadLost();
  for (size_t slot = 0; slot < counts.size(); ++slot) {
    const uint64_t more = counts[slot] - lost_records_[slot];
    if (more == 0) continue;
    counters_.dropped += more;
    CountLost(LostName(slot), more, now_ns);
  }
  const bool ends_lost = counts[GW_LOST_EXIT] != lost_records_[GW_LOST_EXIT];
  lost_records_ = counts;
  if (ends_lost) processes_.Sweep(now_ns);
}

void BpfProbe::ReportLost() {
  if (lost_.counts.empty()) return;
  Observation observation;
  observation.time_ns = lost_.since_ns;
  observation.detail = lost_;
  if (queue_.TryPush(std::move(observation))) lost_ = {};
}

void BpfProbe::Tick() {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  const uint64_t now = UnixNanos();
  CountLostRecords(now);
  ReportLost();
  if (now < next_fold_ns_) return;
  next_fold_ns_ = now + kFoldIntervalNs;
  for (Observation& repeats : folds_.TakeDue(now)) Emit(std::move(repeats));
}

void BpfProbe::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  if (program_ == nullptr) return;  // it never started
  const uint64_t now = UnixNanos();
  for (Observation& repeats : folds_.TakeDue(now, true)) {
    Emit(std::move(repeats));
  }
  CountLostRecords(now);
  ReportLost();
}

ProbeCounters BpfProbe::counters() const {
  absl::MutexLock lock(&mutex_);
  return counters_;
}

}  // namespace gatewatch::probes
