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
// Beyond this, no more ancestors are added to what tells repeats. A key is
// longer than that by a path (4 KiB) at most.
constexpr size_t kMaxFoldKeyBytes = 4096;

// The same rule, in the same container of the same agent, for a process that
// came about in the same way: a shell of the web server is not a repeat of a
// shell of the cron daemon. Executables tell the way, not process ids, and the
// container's name, not its id: what is started anew does the same again.
// Sizes keep hostile paths from imitating a border. Of many or long paths those
// nearest to the process count.
std::string FoldKey(const std::string& rule, const std::string& agent_id,
                    const EventView& view) {
  std::string key;
  const auto add = [&key](absl::string_view part) {
    absl::StrAppend(&key, part.size(), ":", part, ";");
  };
  add(rule);
  add(agent_id);
  if (view.process == nullptr) return key;
  const bool named =
      view.container != nullptr && !view.container->name().empty();
  add(named ? view.container->name() : view.process->container_id());
  add(view.process->executable().path());
  for (const v1::Process* ancestor : view.ancestors) {
    if (key.size() > kMaxFoldKeyBytes) break;
    add(ancestor->executable().path());
  }
  return key;
}

v1::Alert AlertOf(detection::Match match, const Report& report,
                  const EventView& view) {
  v1::Alert alert;
  alert.set_rule(match.rule->name());
  alert.set_severity(match.severity);
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
  // Holds what the matches refer to.
  const RuleBook::EditionPtr edition = rules_.edition();
  Candidates candidates;
  size_t bytes = 0;
  ReportView views(report);
  for (int i = report.first; i < report.batch.events_size(); ++i) {
    const v1::Event& event = report.batch.events(i);
    const EventView view = views.Of(event);
    for (detection::Match& match : edition->rules->Matches(view)) {
      if (match.silence != nullptr) {
        NoteSilenced(*match.rule, *match.silence, event);
        continue;
      }
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
    ++counts_[candidate.alert.rule()].fired;
  }
  return absl::OkStatus();
}

void Detector::NoteSilenced(const v1::Rule& rule, const v1::Silence& silence,
                            const v1::Event& event) {
  absl::MutexLock lock(&mutex_);
  ++counts_[rule.name()].silenced;
  v1::Silence& noted = silences_[silence.name()];
  const uint64_t first = event.time_ns();
  const uint64_t last = std::max(first, event.last_time_ns());
  noted.set_first_time_ns(
      noted.count() == 0 ? first : std::min(noted.first_time_ns(), first));
  noted.set_last_time_ns(std::max(noted.last_time_ns(), last));
  noted.set_count(noted.count() + 1);
}

Detector::Count Detector::CountOf(absl::string_view rule) const {
  absl::MutexLock lock(&mutex_);
  const auto found = counts_.find(rule);
  return found == counts_.end() ? Count() : found->second;
}

void Detector::CountIn(v1::Silence& silence) const {
  absl::MutexLock lock(&mutex_);
  const auto found = silences_.find(silence.name());
  if (found != silences_.end()) silence.MergeFrom(found->second);
}

}  // namespace gatewatch::analyzer
