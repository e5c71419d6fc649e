#include "analyzer/event_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/index_builder.h"
#include "analyzer/partition_writer.h"
#include "analyzer/sqlite.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;
// With a limit to the size, how many partitions share it: what is deleted at
// once.
constexpr uint64_t kPartitionsToLimit = 10;

absl::StatusOr<EventStore::Progress> ReadProgress(const Partition& partition,
                                                  absl::string_view agent_id,
                                                  uint64_t epoch) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database, OpenForReading(partition.path(), kPartitionSchema));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement last,
      database.Prepare("SELECT COUNT(*), (SELECT MAX(sequence) FROM events"
                       "                  WHERE source = sources.id)"
                       " FROM sources WHERE agent_id = ? AND epoch = ?"));
  GATEWATCH_RETURN_IF_ERROR(last.Bind(agent_id, epoch).Step().status());
  return EventStore::Progress{last.Integer(0) > 0, last.Unsigned(1)};
}

}  // namespace

// An Append() that waits for its turn. Its fields belong to write_mutex_.
struct EventStore::Pending {
  explicit Pending(const Report& report) : report(&report) {}
  const Report* report;
  bool done = false;
  absl::Status status;
};

absl::StatusOr<std::unique_ptr<EventStore>> EventStore::Open(
    EventStoreOptions options) {
  std::unique_ptr<EventStore> store(new EventStore(std::move(options)));
  GATEWATCH_RETURN_IF_ERROR(store->LoadPartitions());
  store->Trim();
  return store;
}

EventStore::EventStore(EventStoreOptions options)
    : options_(std::move(options)) {}

EventStore::~EventStore() = default;

absl::Status EventStore::LoadPartitions() {
  std::error_code error;
  std::filesystem::directory_iterator files(options_.directory, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(options_.directory, ": ", error.message()));
  }
  std::vector<uint64_t> starts;
  for (const auto& file : files) {
    const auto start = Partition::StartOf(file.path().filename().string());
    if (start.has_value()) starts.push_back(*start);
  }
  std::sort(starts.begin(), starts.end());
  std::vector<std::shared_ptr<Partition>> found;
  for (const uint64_t start : starts) {
    auto partition = std::make_shared<Partition>(options_.directory, start);
    const absl::Status status = Check(*partition, start == starts.back());
    if (absl::IsDataLoss(status)) {
      partition->SetAsDamaged(status);
      continue;
    }
    GATEWATCH_RETURN_IF_ERROR(status);
    found.push_back(std::move(partition));
  }
  absl::MutexLock lock(&list_mutex_);
  partitions_ = std::move(found);
  return absl::OkStatus();
}

absl::Status EventStore::Check(Partition& partition, bool is_newest) const {
  // What was written last is what a crash may have torn.
  if (is_newest || options_.check_all) {
    const CheckDepth depth =
        options_.check_all ? CheckDepth::kFull : CheckDepth::kQuick;
    GATEWATCH_RETURN_IF_ERROR(CheckDatabase(partition.path(), kPartitionSchema,
                                            kPartitionTables, depth));
  }
  return partition.ReadExtent();
}

bool EventStore::Recover() {
  absl::StatusOr<RecoveredPartitions> recovered =
      RecoverPartitions(options_.directory, options_.now());
  if (!recovered.ok()) {
    // What is set aside waits there for a better time.
    LogError("a damaged partition cannot be recovered yet: ",
             recovered.status().message());
    return false;
  }
  for (const uint64_t start : recovered->starts) {
    auto partition = std::make_shared<Partition>(options_.directory, start);
    const absl::Status status = partition->ReadExtent();
    if (!status.ok()) {
      partition->SetAsDamaged(status);
      continue;
    }
    absl::MutexLock lock(&list_mutex_);
    const auto later =
        std::find_if(partitions_.begin(), partitions_.end(),
                     [&](const auto& p) { return p->start_seconds() > start; });
    partitions_.insert(later, std::move(partition));
  }
  absl::MutexLock lock(&list_mutex_);
  recovered_.since_seconds =
      std::min(recovered_.since_seconds, recovered->since_seconds);
  recovered_.lost.insert(recovered_.lost.end(), recovered->lost.begin(),
                         recovered->lost.end());
  auto& statements = recovered_.statements;
  statements.insert(statements.end(), recovered->statements.begin(),
                    recovered->statements.end());
  return !recovered->statements.empty();
}

RecoveredPartitions EventStore::TakeRecovered() {
  absl::MutexLock lock(&list_mutex_);
  return std::exchange(recovered_, {});
}

EventStore::Deleted EventStore::deleted() {
  absl::MutexLock lock(&list_mutex_);
  return deleted_;
}

absl::Status EventStore::Append(const Report& report) {
  Pending pending(report);
  {
    absl::MutexLock lock(&queue_mutex_);
    queue_.push_back(&pending);
  }
  absl::MutexLock lock(&write_mutex_);
  // Whoever came before wrote for all that were waiting.
  if (pending.done) return pending.status;
  const std::vector<Pending*> group = TakeQueue();
  std::vector<const Report*> reports;
  for (const Pending* member : group) reports.push_back(member->report);
  const absl::Status status = Write(reports);
  for (Pending* member : group) {
    member->status = status;
    member->done = true;
  }
  return status;
}

std::vector<EventStore::Pending*> EventStore::TakeQueue() {
  absl::MutexLock lock(&queue_mutex_);
  return std::exchange(queue_, {});
}

absl::Status EventStore::Write(const std::vector<const Report*>& reports) {
  GATEWATCH_RETURN_IF_ERROR(OpenWriter());
  absl::Status status = writer_->Write(reports);
  if (!absl::IsDataLoss(status)) return status;
  writer_->partition().SetAsDamaged(status);
  writer_.reset();
  GATEWATCH_RETURN_IF_ERROR(OpenWriter());
  return writer_->Write(reports);
}

absl::Status EventStore::OpenWriter() {
  const uint64_t now_seconds = options_.now() / kNanosPerSecond;
  std::shared_ptr<Partition> partition = PartitionFor(now_seconds);
  if (writer_ != nullptr && &writer_->partition() == partition.get()) {
    return absl::OkStatus();
  }
  auto writer = PartitionWriter::Open(partition);
  if (absl::IsDataLoss(writer.status())) {
    partition->SetAsDamaged(writer.status());
    partition = PartitionFor(now_seconds);
    writer = PartitionWriter::Open(partition);
  }
  GATEWATCH_RETURN_IF_ERROR(writer.status());
  // Whatever index it has is about to be incomplete.
  partition->SetIndexed(false);
  writer_ = *std::move(writer);
  return absl::OkStatus();
}

std::shared_ptr<Partition> EventStore::PartitionFor(uint64_t now_seconds) {
  const auto span =
      static_cast<uint64_t>(absl::ToInt64Seconds(options_.partition_span));
  uint64_t start = now_seconds / span * span;
  absl::MutexLock lock(&list_mutex_);
  if (!partitions_.empty()) {
    const std::shared_ptr<Partition>& newest = partitions_.back();
    // Also when the clock was set back: order is by start.
    const bool current = newest->start_seconds() / span * span >= start;
    const bool full =
        newest->events() >= options_.max_partition_events ||
        (options_.max_bytes != 0 &&
         newest->bytes() >= options_.max_bytes / kPartitionsToLimit);
    if (current && newest->kept() && !full) return newest;
    // A damaged one's name is not used again: its readers may still have it.
    if (current) start = std::max(now_seconds, newest->start_seconds() + 1);
  }
  partitions_.push_back(std::make_shared<Partition>(options_.directory, start));
  return partitions_.back();
}

std::vector<std::shared_ptr<Partition>> EventStore::partitions() {
  absl::MutexLock lock(&list_mutex_);
  std::vector<std::shared_ptr<Partition>> kept;
  for (const auto& partition : partitions_) {
    if (partition->kept()) kept.push_back(partition);
  }
  return kept;
}

absl::StatusOr<EventStore::Progress> EventStore::ProgressOf(
    absl::string_view agent_id, uint64_t epoch) {
  Progress progress;
  for (const auto& partition : partitions()) {
    const auto here = ReadProgress(*partition, agent_id, epoch);
    if (absl::IsDataLoss(here.status())) {
      partition->SetAsDamaged(here.status());
      continue;
    }
    GATEWATCH_RETURN_IF_ERROR(here.status());
    progress.known = progress.known || here->known;
    progress.last_sequence =
        std::max(progress.last_sequence, here->last_sequence);
  }
  return progress;
}

LifeSpans EventStore::Lives() {
  LifeSpans lives;
  for (const auto& partition : partitions()) {
    const absl::Status status = AddLifeSpans(partition->path(), lives);
    if (absl::IsDataLoss(status)) partition->SetAsDamaged(status);
  }
  return lives;
}

bool EventStore::Trim() {
  DeleteByAge();
  DeleteBySize();
  {
    absl::MutexLock lock(&list_mutex_);
    ForgetDecided();
  }
  return Recover();
}

void EventStore::BuildIndexes(absl::FunctionRef<bool()> stop) {
  std::vector<std::shared_ptr<Partition>> past = partitions();
  if (!past.empty()) past.pop_back();  // is written to
  for (const auto& partition : past) {
    if (stop()) return;
    if (partition->indexed() || !partition->kept()) continue;
    absl::Status status = CheckIndex(*partition);
    if (!status.ok()) status = BuildIndex(partition, stop);
    partition->SetIndexed(status.ok());
    if (absl::IsDataLoss(status)) {
      partition->SetAsDamaged(status);
    } else if (!status.ok() && !absl::IsCancelled(status)) {
      LogWarning(partition->path(), " gets no index: ", status.message());
    }
  }
}

void EventStore::DeleteByAge() {
  const absl::Time now =
      absl::FromUnixNanos(static_cast<int64_t>(options_.now()));
  const auto is_old = [&](const Partition& partition) {
    const auto start = static_cast<int64_t>(partition.start_seconds());
    return absl::FromUnixSeconds(start) + options_.partition_span +
               options_.retention <=
           now;
  };
  absl::MutexLock write_lock(&write_mutex_);
  absl::MutexLock list_lock(&list_mutex_);
  if (writer_ && is_old(writer_->partition())) writer_.reset();
  for (const auto& partition : partitions_) {
    if (!is_old(*partition) || !partition->kept()) continue;
    Delete(*partition, "older than the retention");
    ++deleted_.partitions_by_age;
  }
}

void EventStore::DeleteBySize() {
  if (options_.max_bytes == 0) return;
  absl::MutexLock lock(&list_mutex_);
  uint64_t bytes = 0;
  for (auto i = partitions_.rbegin(); i != partitions_.rend(); ++i) {
    Partition& partition = **i;
    if (!partition.kept()) continue;
    bytes += partition.bytes();
    if (bytes <= options_.max_bytes || i == partitions_.rbegin()) continue;
    Delete(partition, "the store has grown beyond its limit");
    ++deleted_.partitions_by_size;
  }
}

void EventStore::Delete(Partition& partition, const char* why) {
  deleted_.events += partition.events();
  LogInfo("deleting ", partition.path(), " with ", partition.events(),
          " events: ", why, "; ", deleted_.events, " events since the start");
  partition.Remove();
}

void EventStore::ForgetDecided() {
  // A damaged one that is the newest stays: its name must not be used again
  // while a scan may hold it.
  const Partition* const newest =
      partitions_.empty() ? nullptr : partitions_.back().get();
  std::erase_if(partitions_, [&](const auto& partition) {
    return partition->removed() ||
           (!partition->kept() && partition.get() != newest);
  });
}

}  // namespace gatewatch::analyzer
