#ifndef GATEWATCH_ANALYZER_REPORT_H_
#define GATEWATCH_ANALYZER_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detection/event_view.h"
#include "gatewatch/v1/event.pb.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::analyzer {

// What one agent has sent at once and is new, checked, borrowed.
struct Report {
  const std::string& agent_id;
  uint64_t epoch = 0;
  const v1::Workload& workload;
  const v1::Batch& batch;
  // Where the new events begin in the batch; those before are known.
  int first = 0;

  uint64_t last_sequence() const {
    return batch.events(batch.events_size() - 1).sequence();
  }
};

// As many ancestors as an event is shown with.
constexpr size_t kMaxAncestors = 16;

// Finds what an event of a report refers to.
//
// Threads:  one at a time.
// Lifetime: borrows from the report.
class ReportView {
 public:
  explicit ReportView(const Report& report);

  // Valid until the next call.
  detection::EventView Of(const v1::Event& event);

 private:
  using StateKey = std::pair<absl::string_view, uint32_t>;
  const v1::Process* Find(const v1::ProcessRef& ref) const;
  // Into ancestors_.
  void FindAncestors(const v1::Process& process);

  const Report& report_;
  absl::flat_hash_map<StateKey, const v1::Process*> processes_;
  absl::flat_hash_map<absl::string_view, const v1::Container*> containers_;
  std::vector<const v1::Process*> ancestors_;  // of descendant_
  const v1::Process* descendant_ = nullptr;
};

// A view's content as a message that can go on its own, small enough for a
// gRPC answer: ancestors beyond that are left out.
v1::EventRecord RecordOf(const std::string& agent_id, uint64_t epoch,
                         const detection::EventView& view);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_REPORT_H_
