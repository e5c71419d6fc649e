#ifndef GATEWATCH_ANALYZER_ALERT_STORE_H_
#define GATEWATCH_ANALYZER_ALERT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "analyzer/sqlite.h"
#include "analyzer/store_file.h"
#include "base/clock.h"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::analyzer {

// An alert's place in the order of all alerts: by first time, then as stored.
struct AlertPosition {
  uint64_t first_time_ns = 0;
  int64_t row = 0;
};

// Which alerts to read.
struct AlertQuery {
  // Unix nanoseconds; 0 leaves that side open; until is exclusive. An alert is
  // in the span when one of its times, from first to last, may be.
  uint64_t since_ns = 0;
  uint64_t until_ns = 0;
  v1::Severity at_least = v1::SEVERITY_UNSPECIFIED;
  std::string rule;  // empty: all
  std::optional<AlertPosition> after;
};

struct AlertStoreOptions {
  // Repeats of an alert within this time of its last are folded into it.
  absl::Duration fold_window = absl::Minutes(10);
  // From the first to the last event of an alert at most: what goes on for
  // longer makes a new alert.
  absl::Duration fold_limit = absl::Hours(24);
  // Alerts whose last event arrived longer ago are deleted, whatever an
  // agent's clock says, and of more than max_alerts the oldest.
  absl::Duration retention = absl::Hours(24 * 90);
  uint64_t max_alerts = 1'000'000;
  // Have Open() compare indexes with their tables, too.
  CheckDepth check = CheckDepth::kQuick;
  // Unix nanoseconds.
  std::function<uint64_t()> now = UnixNanos;
};

// Keeps alerts, and folds repeats into the one they repeat.
//
// Durable:  as EventStore.
// Once:     a report that is raised again (because the analyzer died before it
//           was acknowledged) changes nothing.
// Threads:  any; readers do not wait for a writer.
// Limits:   what is beyond the options' limits is deleted by Trim().
// Damage:   at Open() the whole file is read; a damaged one is set aside, and
//           what can be saved of it goes into a new one: see
//           RecoverDatabases().
class AlertStore {
 public:
  static absl::StatusOr<std::unique_ptr<AlertStore>> Open(
      const std::string& directory, AlertStoreOptions options);

  // What Open() saved of a damaged file, in a line; empty: it was whole.
  const std::string& recovered() const { return recovered_; }

  // A rule that an event has fired.
  struct Candidate {
    // Equal for what repeats each other.
    std::string fold_key;
    // All but its id.
    v1::Alert alert;
  };

  // Counts what an agent's events up to `last_sequence` have fired, all or
  // nothing. Returns the alerts that are new.
  absl::StatusOr<std::vector<v1::Alert>> Raise(
      absl::string_view agent_id, uint64_t epoch, uint64_t last_sequence,
      const std::vector<Candidate>& candidates) ABSL_LOCKS_EXCLUDED(mutex_);

  // NOT_FOUND: there is none.
  absl::StatusOr<v1::Alert> Find(const std::string& id) const;

  // For each of the processes, the ids of the alerts that its events have
  // raised, oldest first; at most kMaxIds each.
  static constexpr int64_t kMaxIds = 100;
  using IdsByProcess =
      absl::flat_hash_map<std::string, std::vector<std::string>>;
  absl::StatusOr<IdsByProcess> IdsOf(
      const std::vector<std::string>& process_keys) const;

  // Shows alerts to `visit`, oldest first, until it returns false. True: it
  // has seen all.
  using Visitor = absl::FunctionRef<bool(AlertPosition, v1::Alert)>;
  absl::StatusOr<bool> Visit(const AlertQuery& query, Visitor visit) const;

  // Deletes what is beyond the limits. Call it now and then.
  absl::Status Trim() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  AlertStore(std::string path, AlertStoreOptions options, Database database);
  absl::Status DateTheUndated() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<uint64_t> RaisedUpTo(absl::string_view agent_id,
                                      uint64_t epoch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The row that the candidate was folded into; 0: there is none to fold into.
  absl::StatusOr<int64_t> Fold(const Candidate& candidate)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<int64_t> Make(const std::string& fold_key,
                               const v1::Alert& alert)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Count(const Candidate& candidate, std::vector<v1::Alert>& made)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const AlertStoreOptions options_;
  const uint64_t fold_window_ns_;
  const uint64_t fold_limit_ns_;
  std::string recovered_;
  absl::Mutex mutex_;
  Database database_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_ALERT_STORE_H_
