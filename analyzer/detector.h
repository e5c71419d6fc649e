#ifndef GATEWATCH_ANALYZER_DETECTOR_H_
#define GATEWATCH_ANALYZER_DETECTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "analyzer/alert_store.h"
#include "analyzer/feed.h"
#include "analyzer/report.h"
#include "analyzer/rule_book.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::analyzer {

// Applies the rules to what is reported, and raises alerts.
//
// Threads:  any.
// Lifetime: what it is given must outlive it.
class Detector {
 public:
  Detector(const RuleBook& rules, AlertStore& alerts, Feed<v1::Alert>& feed)
      : rules_(rules), alerts_(alerts), feed_(feed) {}

  // Judges all of the report by the rules that are at work when it begins.
  // When it returns OK, the alerts are stored and have been published.
  absl::Status Inspect(const Report& report);

  // Since the start.
  struct Count {
    uint64_t fired = 0;     // raised or repeated an alert
    uint64_t silenced = 0;  // did not because something silenced it
  };
  Count CountOf(absl::string_view rule) const ABSL_LOCKS_EXCLUDED(mutex_);
  // Fills in how often and when it has silenced alerts.
  void CountIn(v1::Silence& silence) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Candidates = std::vector<AlertStore::Candidate>;
  absl::Status Raise(const Report& report, uint64_t last_sequence,
                     const Candidates& candidates) ABSL_LOCKS_EXCLUDED(mutex_);

  void NoteSilenced(const v1::Rule& rule, const v1::Silence& silence,
                    const v1::Event& event) ABSL_LOCKS_EXCLUDED(mutex_);

  const RuleBook& rules_;
  AlertStore& alerts_;
  Feed<v1::Alert>& feed_;
  mutable absl::Mutex mutex_;
  // By the names of rules and silences: as many as rule files have named.
  absl::flat_hash_map<std::string, Count> counts_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, v1::Silence> silences_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_DETECTOR_H_
