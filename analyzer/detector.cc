#include "analyzer/detector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

using detection::EventView;

// Alerts of one report are raised in parts of this size, lest a few megabytes
// of events that fire many rules become gigabytes of alerts.
constexpr size_t kMaxCandidateBytes = 8 << 20;

// The same rule, in the same container of the same agent, for a process that
// came about in the same way: a shell of the web server is not a repeat of a
// shell of the cron daemon. Sizes keep hostile paths from imitating a border.
std::string FoldKey(const std::string& rule, const std::string& agent_id,
                    const EventView& view) {
  std::string key;
  const auto add = [&key](absl::string_view part) {
    absl::StrAppend(&key, part.size(), ":", part, ";");
  };
  add(rule);
  add(agent_id);
  if (view.process == nullptr) return key;
  add(view.process->container_id());
  add(view.process->executable().path());
  for (const v1::Process* ancestor : view.ancestors) {
    add(ancestor->executable().path());
  }
  return key;
}

v1::Alert AlertOf(detection::Match match, const Report& report,
                  const EventView& view) {
  v1::Alert alert;
  alert.set_rule(match.rule->name());
  alert.set_severity(match.rule->severity());
  alert.set_description(match.rule->description());
  alert.set_output(std::move(match.output));
  *alert.mutable_tags() = match.rule->tags();
  *alert.mutable_event() = RecordOf(report.agent_id, report.epoch, view);
  for (v1::Reason& reason : match.reasons) {
    *alert.add_reasons() = std::move(reason);
  }
  const v1::Event& event = *view.event;
  // As the store keeps it: no event is later than the end of time.
  const uint64_t first = std::min<uint64_t>(event.time_ns(), INT64_MAX - 1);
  const uint64_t last = std::min<uint64_t>(event.last_time_ns(), INT64_MAX - 1);
  alert.set_count(std::clamp<uint64_t>(event.count(), 1, UINT32_MAX));
  alert.set_first_time_ns(first);
  alert.set_last_time_ns(std::max(first, last));
  return alert;
}

}  // namespace

absl::Status Detector::Inspect(const Report& report) {
  if (rules_ == nullptr) return absl::OkStatus();
  Candidates candidates;
  size_t bytes = 0;
  ReportView views(report);
  for (int i = report.first; i < report.batch.events_size(); ++i) {
    const v1::Event& event = report.batch.events(i);
    const EventView view = views.Of(event);
    for (detection::Match& match : rules_->Matches(view)) {
      std::string key = FoldKey(match.rule->name(), report.agent_id, view);
      candidates.push_back(
          {std::move(key), AlertOf(std::move(match), report, view)});
      bytes += candidates.back().alert.ByteSizeLong();
    }
    if (bytes < kMaxCandidateBytes) continue;
    GATEWATCH_RETURN_IF_ERROR(Raise(report, event.sequence(), candidates));
    candidates.clear();
    bytes = 0;
  }
  if (candidates.empty()) return absl::OkStatus();
  return Raise(report, report.last_sequence(), candidates);
}

absl::Status Detector::Raise(const Report& report, uint64_t last_sequence,
                             const Candidates& candidates) {
  GATEWATCH_ASSIGN_OR_RETURN(
      std::vector<v1::Alert> made,
      alerts_.Raise(report.agent_id, report.epoch, last_sequence, candidates));
  for (v1::Alert& alert : made) feed_.Publish(std::move(alert));
  absl::MutexLock lock(&mutex_);
  for (const AlertStore::Candidate& candidate : candidates) {
    ++fired_[candidate.alert.rule()];
  }
  return absl::OkStatus();
}

uint64_t Detector::fired(absl::string_view rule) const {
  absl::MutexLock lock(&mutex_);
  const auto found = fired_.find(rule);
  return found == fired_.end() ? 0 : found->second;
}

}  // namespace gatewatch::analyzer
