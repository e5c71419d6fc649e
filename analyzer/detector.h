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
#include "detection/rule_set.h"

namespace gatewatch::analyzer {

// Applies the rules to what is reported, and raises alerts.
//
// Threads:  any.
// Lifetime: what it is given must outlive it; `rules` may be null.
class Detector {
 public:
  Detector(const detection::RuleSet* rules, AlertStore& alerts,
           Feed<v1::Alert>& feed)
      : rules_(rules), alerts_(alerts), feed_(feed) {}

  // When it returns OK, the alerts are stored and have been published.
  absl::Status Inspect(const Report& report);

  // How often a rule has fired since the start.
  uint64_t fired(absl::string_view rule) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Candidates = std::vector<AlertStore::Candidate>;
  absl::Status Raise(const Report& report, uint64_t last_sequence,
                     const Candidates& candidates) ABSL_LOCKS_EXCLUDED(mutex_);

  const detection::RuleSet* const rules_;
  AlertStore& alerts_;
  Feed<v1::Alert>& feed_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, uint64_t> fired_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_DETECTOR_H_
