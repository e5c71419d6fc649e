#ifndef GATEWATCH_ANALYZER_EVENT_SCAN_H_
#define GATEWATCH_ANALYZER_EVENT_SCAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/partition.h"
#include "detection/compiled_condition.h"
#include "detection/event_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::analyzer {

class PartitionCursor;

// An event's place in the order of all events: by time, then as stored.
struct EventPosition {
  uint64_t time_ns = 0;
  uint64_t partition = 0;  // Partition::start_seconds
  int64_t row = 0;

  friend auto operator<=>(const EventPosition&, const EventPosition&) = default;
};

// Which events to read, and in which order.
struct EventQuery {
  // Event time, Unix nanoseconds; 0 leaves that side open. Until is exclusive.
  uint64_t since_ns = 0;
  uint64_t until_ns = 0;
  std::vector<std::string> kinds;  // empty: all
  std::string process_key;         // empty: all
  // Go on behind this one.
  std::optional<EventPosition> after;
  bool newest_first = false;
  // Lets events be passed over for which it cannot hold; others are not tried
  // against it. Must outlive the scan. Null: none.
  const detection::CompiledCondition* where = nullptr;
};

// Walks over stored events in the order of their time, partition files being
// opened only when their turn comes.
//
// Sees the events stored when their partition was opened.
// Threads: one at a time; any number of scans beside each other and beside
//          the writer.
// Damage:  a partition that turns out to be damaged is set aside, with its
//          remaining events.
class EventScan {
 public:
  EventScan(std::vector<std::shared_ptr<Partition>> partitions,
            EventQuery query);
  EventScan(EventScan&&) noexcept;
  ~EventScan();

  // Goes to the next event; false: there is none.
  absl::StatusOr<bool> Next();

  // About the event that Next() went to, until it goes on.
  const EventPosition& position() const;
  absl::StatusOr<detection::EventView> View();
  absl::StatusOr<v1::EventRecord> Record();

 private:
  absl::Status OpenDue();
  // Goes on in `cursor`, dropping it at its end.
  absl::Status Advance(PartitionCursor& cursor);
  bool IsBefore(const EventPosition& a, const EventPosition& b) const;
  uint64_t EarliestOf(const Partition& partition) const;
  void PickNext();

  EventQuery query_;
  // Not yet opened; the next in line last.
  std::vector<std::shared_ptr<Partition>> waiting_;
  std::vector<std::unique_ptr<PartitionCursor>> open_;
  PartitionCursor* current_ = nullptr;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_EVENT_SCAN_H_
