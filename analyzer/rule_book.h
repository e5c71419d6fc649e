#ifndef GATEWATCH_ANALYZER_RULE_BOOK_H_
#define GATEWATCH_ANALYZER_RULE_BOOK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "detection/rule_set.h"
#include "gatewatch/v1/ingest.pb.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::analyzer {

// The rules at work, and how others take their place while events flow.
//
// Atomic:   a set is loaded whole, beside the one at work, and takes its place
//           in one step, or not at all: files with an error change nothing but
//           status(). What is wrong is logged.
// Threads:  any.
class RuleBook {
 public:
  // Rules that belong together. Immutable.
  struct Edition {
    std::unique_ptr<const detection::RuleSet> rules;
    // What agents are to capture for them; nothing: everything.
    std::optional<v1::CapturePolicy> policy;
    uint64_t since_ns = 0;  // when it was loaded
    std::vector<std::string> warnings;
  };
  // Shared: whoever matches with an edition keeps it alive until it is done
  // with what it has matched, though another has taken its place meanwhile.
  using EditionPtr = std::shared_ptr<const Edition>;

  // Reads the files. INVALID_ARGUMENT, NOT_FOUND …: as RuleSet::Load and
  // ReadAllSources, all errors, one a line.
  static absl::StatusOr<std::unique_ptr<RuleBook>> Open(
      detection::RulePaths paths);

  // Never null. To judge an event by one set, call it once for the event.
  EditionPtr edition() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads the files again, changed or not. The error: as of Open(); the edition
  // stays.
  absl::Status Reload() ABSL_LOCKS_EXCLUDED(reload_mutex_, mutex_);

  // Call it every few seconds. Reloads when a file has changed, come or gone
  // since they were read last, and not since the last call: what is still
  // being written is left alone.
  void Poll() ABSL_LOCKS_EXCLUDED(reload_mutex_, mutex_);

  // Without counts of silences.
  v1::RuleSetStatus status() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  explicit RuleBook(detection::RulePaths paths);
  absl::StatusOr<EditionPtr> Load() const;
  absl::Status TakeOver(const std::string& stamp)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(reload_mutex_);

  const detection::RulePaths paths_;
  absl::Mutex reload_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  // How the files looked when they were read, and at the last Poll().
  std::string read_stamp_ ABSL_GUARDED_BY(reload_mutex_);
  std::string seen_stamp_ ABSL_GUARDED_BY(reload_mutex_);

  mutable absl::Mutex mutex_;
  EditionPtr edition_ ABSL_GUARDED_BY(mutex_);
  uint64_t reloads_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> errors_ ABSL_GUARDED_BY(mutex_);
  uint64_t failed_ns_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_RULE_BOOK_H_
