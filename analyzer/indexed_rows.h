#ifndef GATEWATCH_ANALYZER_INDEXED_ROWS_H_
#define GATEWATCH_ANALYZER_INDEXED_ROWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/partition_index.h"

namespace gatewatch::analyzer {

// Merges the events of several terms of an index in the order of their time,
// each event once. In memory is one event of each term.
//
// Threads: one at a time.
class IndexedRows {
 public:
  struct Row {
    uint64_t time = 0;
    int64_t event = 0;

    friend auto operator<=>(const Row&, const Row&) = default;
  };
  // From behind `start` in the order, and up to `end`: later ones are left out,
  // or earlier ones when the newest come first.
  struct Span {
    bool newest_first = false;
    Row start;
    uint64_t end = 0;
  };

  static absl::StatusOr<std::unique_ptr<IndexedRows>> Open(
      std::unique_ptr<PartitionIndex> index, const PartitionIndex::Terms& terms,
      const Span& span);

  // Nothing: there are no more.
  absl::StatusOr<std::optional<Row>> Next();

 private:
  struct Lane {
    Statement rows;
    Row next;
  };

  IndexedRows(std::unique_ptr<PartitionIndex> index, bool newest_first)
      : index_(std::move(index)), newest_first_(newest_first) {}
  // Whether b comes before a, for a heap whose top is the next.
  bool IsBehind(const Lane& a, const Lane& b) const;
  // Goes on in the lane and puts it into the heap, unless it is at its end.
  absl::Status Push(Lane lane);

  const std::unique_ptr<PartitionIndex> index_;  // ends after the lanes
  const bool newest_first_;
  std::vector<Lane> lanes_;  // a heap
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_INDEXED_ROWS_H_
