#ifndef GATEWATCH_ANALYZER_PARTITION_H_
#define GATEWATCH_ANALYZER_PARTITION_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "analyzer/checked_table.h"
#include "analyzer/store_file.h"

namespace gatewatch::analyzer {

extern const Schema kPartitionSchema;
// What others refer to comes first, the events last.
extern const CheckedTable kPartitionTables[4];

// Times are stored as SQLite's integers; the last is the open end of a range.
constexpr uint64_t kEndOfTime = INT64_MAX;

// One file of the event store: what arrived within one span of time.
//
// Complete in itself: it holds the events and every process, container and
// workload that they refer to, so that it can be deleted or lost alone.
//
// Threads:  any.
// Lifetime: shared by the store and its scans (hence shared_ptr): what was
//           decided about the file happens when the last of them lets go, so
//           that no file is taken from under a reader.
class Partition {
 public:
  // The one whose arrival times begin at `start_seconds` (Unix), which also
  // identifies it.
  Partition(absl::string_view directory, uint64_t start_seconds);
  // One whose file does not have its name yet.
  struct AtPath {};
  Partition(AtPath, std::string path, uint64_t start_seconds);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  // The start of the partition that a file name stands for, if any.
  static std::optional<uint64_t> StartOf(const std::string& file_name);
  static std::string FileNameOf(uint64_t start_seconds);

  uint64_t start_seconds() const { return start_seconds_; }
  const std::string& path() const { return path_; }

  // Event times in it: first and last. First > last: it is empty.
  uint64_t first_time() const { return first_time_; }
  uint64_t last_time() const { return last_time_; }
  // Call before the events can be seen, lest a scan passes them by.
  void Widen(uint64_t first_time, uint64_t last_time);
  // Takes the times from the file, and the number of events. DATA_LOSS: it is
  // damaged.
  absl::Status ReadExtent();

  // How many events it has; never too few.
  uint64_t events() const { return events_; }
  void CountEvents(uint64_t added) { events_ += added; }
  // On the disk, with its index.
  uint64_t bytes() const;
  // Where PartitionIndex keeps what finds events in it by what they say.
  std::string index_path() const { return IndexPathOf(path_); }
  static std::string IndexPathOf(absl::string_view path);
  // Whether that index is there and whole.
  bool indexed() const { return indexed_; }
  void SetIndexed(bool indexed) { indexed_ = indexed; }

  // Decides about the file. The first decision stands.
  void Remove();
  void SetAsDamaged(const absl::Status& why);
  bool kept() const { return fate_ == Fate::kKeep; }
  bool removed() const { return fate_ == Fate::kRemove; }

 private:
  enum class Fate { kKeep, kRemove, kSetAside };

  const uint64_t start_seconds_;
  const std::string path_;
  std::atomic<uint64_t> first_time_{UINT64_MAX};
  std::atomic<uint64_t> last_time_{0};
  std::atomic<uint64_t> events_{0};
  std::atomic<bool> indexed_{false};
  std::atomic<Fate> fate_{Fate::kKeep};
  absl::Status why_damaged_;  // written by who set fate_, before the end
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PARTITION_H_
