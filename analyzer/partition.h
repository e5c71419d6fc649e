#ifndef GATEWATCH_ANALYZER_PARTITION_H_
#define GATEWATCH_ANALYZER_PARTITION_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "analyzer/store_file.h"

namespace gatewatch::analyzer {

extern const Schema kPartitionSchema;

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
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  // The start of the partition that a file name stands for, if any.
  static std::optional<uint64_t> StartOf(const std::string& file_name);

  uint64_t start_seconds() const { return start_seconds_; }
  const std::string& path() const { return path_; }

  // Event times in it: first and last. First > last: it is empty.
  uint64_t first_time() const { return first_time_; }
  uint64_t last_time() const { return last_time_; }
  // Call before the events can be seen, lest a scan passes them by.
  void Widen(uint64_t first_time, uint64_t last_time);
  // Takes the times from the file. DATA_LOSS: it is damaged.
  absl::Status ReadTimes();

  // Decides about the file. The first decision stands.
  void Remove();
  void SetAsDamaged(const absl::Status& why);
  bool kept() const { return fate_ == Fate::kKeep; }

 private:
  enum class Fate { kKeep, kRemove, kSetAside };

  const uint64_t start_seconds_;
  const std::string path_;
  std::atomic<uint64_t> first_time_{UINT64_MAX};
  std::atomic<uint64_t> last_time_{0};
  std::atomic<Fate> fate_{Fate::kKeep};
  absl::Status why_damaged_;  // written by who set fate_, before the end
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PARTITION_H_
