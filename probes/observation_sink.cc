#include "probes/observation_sink.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatewatch::probes {
namespace {

constexpr uint64_t kThrottleReportNs = 1'000'000'000;

void Count(absl::string_view syscall, uint64_t count, uint64_t time_ns,
           ObservationsLost& lost) {
  auto entry =
      std::find_if(lost.counts.begin(), lost.counts.end(),
                   [&](const auto& known) { return known.syscall == syscall; });
  if (entry == lost.counts.end()) {
    entry = lost.counts.insert(entry, {std::string(syscall), 0});
  }
  entry->count += count;
  if (lost.since_ns == 0) lost.since_ns = time_ns;
  lost.until_ns = time_ns;
}

}  // namespace

void ObservationSink::Emit(Observation observation) {
  if (queue_.TryPush(std::move(observation))) return;
  CountLost(observation.syscall, observation.count, observation.time_ns);
}

void ObservationSink::CountLost(absl::string_view syscall, uint64_t count,
                                uint64_t time_ns) {
  dropped_ += count;
  Count(syscall, count, time_ns, lost_);
}

void ObservationSink::CountUnreadable(absl::string_view syscall,
                                      uint64_t time_ns) {
  Count(syscall, 1, time_ns, unreadable_);
}

void ObservationSink::ReportLost() {
  Report(lost_);
  Report(unreadable_);
}

void ObservationSink::CountThrottled(absl::string_view syscall, uint64_t count,
                                     uint64_t time_ns) {
  throttled_total_ += count;
  Count(syscall, count, time_ns, throttled_);
}

void ObservationSink::NoteLetGo(uint64_t time_ns) {
  Count("", 0, time_ns, let_go_);
}

void ObservationSink::ReportThrottled(uint64_t now_ns, bool all) {
  for (ObservationsLost* lost : {&throttled_, &let_go_}) {
    if (all || now_ns >= lost->since_ns + kThrottleReportNs) Report(*lost);
  }
}

void ObservationSink::Report(ObservationsLost& lost) {
  if (lost.counts.empty()) return;
  Observation observation;
  observation.time_ns = lost.since_ns;
  observation.detail = lost;
  if (queue_.TryPush(std::move(observation))) lost = {lost.reason};
}

}  // namespace gatewatch::probes
