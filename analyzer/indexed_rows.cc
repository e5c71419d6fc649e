#include "analyzer/indexed_rows.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace gatewatch::analyzer {

absl::StatusOr<std::unique_ptr<IndexedRows>> IndexedRows::Open(
    std::unique_ptr<PartitionIndex> index, const PartitionIndex::Terms& terms,
    const Span& span) {
  std::unique_ptr<IndexedRows> rows(
      new IndexedRows(std::move(index), span.newest_first));
  for (const int64_t term : terms) {
    GATEWATCH_ASSIGN_OR_RETURN(Statement statement,
                               rows->index_->Rows(span.newest_first));
    statement.Bind(term, span.start.time, span.start.event, span.end);
    GATEWATCH_RETURN_IF_ERROR(rows->Push({std::move(statement), {}}));
  }
  return rows;
}

bool IndexedRows::IsBehind(const Lane& a, const Lane& b) const {
  return newest_first_ ? a.next < b.next : b.next < a.next;
}

absl::Status IndexedRows::Push(Lane lane) {
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, lane.rows.Step());
  if (!row) return absl::OkStatus();
  lane.next = {lane.rows.Unsigned(0), lane.rows.Integer(1)};
  lanes_.push_back(std::move(lane));
  std::push_heap(
      lanes_.begin(), lanes_.end(),
      [this](const Lane& a, const Lane& b) { return IsBehind(a, b); });
  return absl::OkStatus();
}

absl::StatusOr<std::optional<IndexedRows::Row>> IndexedRows::Next() {
  std::optional<Row> next;
  while (!lanes_.empty() && (!next || lanes_.front().next == *next)) {
    std::pop_heap(
        lanes_.begin(), lanes_.end(),
        [this](const Lane& a, const Lane& b) { return IsBehind(a, b); });
    Lane lane = std::move(lanes_.back());
    lanes_.pop_back();
    next = lane.next;
    GATEWATCH_RETURN_IF_ERROR(Push(std::move(lane)));
  }
  return next;
}

}  // namespace gatewatch::analyzer
