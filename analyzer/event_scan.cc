#include "analyzer/event_scan.h"

#include <algorithm>
#include <utility>

#include "analyzer/partition_cursor.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

bool Overlaps(const Partition& partition, const EventQuery& query) {
  if (partition.first_time() > partition.last_time()) return false;
  if (query.until_ns != 0 && partition.first_time() >= query.until_ns) {
    return false;
  }
  return partition.last_time() >= query.since_ns;
}

}  // namespace

EventScan::EventScan(std::vector<std::shared_ptr<Partition>> partitions,
                     EventQuery query)
    : query_(std::move(query)) {
  for (std::shared_ptr<Partition>& partition : partitions) {
    if (Overlaps(*partition, query_)) waiting_.push_back(std::move(partition));
  }
  // Their times may widen while this sorts, hence on a copy.
  using Keyed = std::pair<uint64_t, std::shared_ptr<Partition>>;
  std::vector<Keyed> keyed;
  for (auto& partition : waiting_) {
    keyed.emplace_back(EarliestOf(*partition), std::move(partition));
  }
  std::sort(keyed.begin(), keyed.end(), [this](const Keyed& a, const Keyed& b) {
    return query_.newest_first ? a.first < b.first : a.first > b.first;
  });
  for (size_t i = 0; i < keyed.size(); ++i) {
    waiting_[i] = std::move(keyed[i].second);
  }
}

EventScan::EventScan(EventScan&&) noexcept = default;
EventScan::~EventScan() = default;

bool EventScan::IsBefore(const EventPosition& a, const EventPosition& b) const {
  return query_.newest_first ? b < a : a < b;
}

uint64_t EventScan::EarliestOf(const Partition& partition) const {
  return query_.newest_first ? partition.last_time() : partition.first_time();
}

absl::Status EventScan::Advance(PartitionCursor& cursor) {
  const absl::StatusOr<bool> more = cursor.Next();
  if (more.ok() && *more) return absl::OkStatus();
  if (absl::IsDataLoss(more.status())) {
    cursor.partition().SetAsDamaged(more.status());
  } else if (!more.ok()) {
    return more.status();
  }
  if (current_ == &cursor) current_ = nullptr;
  std::erase_if(open_, [&](const auto& open) { return open.get() == &cursor; });
  return absl::OkStatus();
}

void EventScan::PickNext() {
  current_ = nullptr;
  for (const auto& cursor : open_) {
    if (current_ == nullptr ||
        IsBefore(cursor->position(), current_->position())) {
      current_ = cursor.get();
    }
  }
}

absl::Status EventScan::OpenDue() {
  while (!waiting_.empty()) {
    const uint64_t earliest = EarliestOf(*waiting_.back());
    if (current_ != nullptr) {
      const uint64_t time = current_->position().time_ns;
      if (query_.newest_first ? earliest < time : earliest > time) break;
    }
    const std::shared_ptr<Partition> partition = std::move(waiting_.back());
    waiting_.pop_back();
    auto cursor = PartitionCursor::Open(partition, query_);
    if (absl::IsDataLoss(cursor.status())) {
      partition->SetAsDamaged(cursor.status());
      continue;
    }
    GATEWATCH_RETURN_IF_ERROR(cursor.status());
    open_.push_back(*std::move(cursor));
    GATEWATCH_RETURN_IF_ERROR(Advance(*open_.back()));
    PickNext();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> EventScan::Next() {
  if (current_ != nullptr) GATEWATCH_RETURN_IF_ERROR(Advance(*current_));
  PickNext();
  GATEWATCH_RETURN_IF_ERROR(OpenDue());
  return current_ != nullptr;
}

const EventPosition& EventScan::position() const {
  return current_->position();
}

absl::StatusOr<detection::EventView> EventScan::View() {
  return current_->View();
}

absl::StatusOr<v1::EventRecord> EventScan::Record() {
  return current_->Record();
}

}  // namespace gatewatch::analyzer
