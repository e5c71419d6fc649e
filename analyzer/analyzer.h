#ifndef GATEWATCH_ANALYZER_ANALYZER_H_
#define GATEWATCH_ANALYZER_ANALYZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "analyzer/ingest_service.h"
#include "channel/settings.h"
#include "detection/rule_set.h"

namespace gatewatch::analyzer {

struct AnalyzerOptions {
  // gRPC addresses to listen on: "127.0.0.1:7443", "unix:/path". A TCP port
  // 0 picks a free one.
  std::vector<std::string> listen;
  // What protects those addresses; see channel::ProtectionAt().
  channel::Settings channel;
  IngestService::Limits limits;
  // Folder of the store; made when it is missing.
  std::string store_directory;
  // Read at the start, and again when a file changes.
  detection::RulePaths rules;
  // Have agents capture all that they can; else what the rules need and what
  // PolicyFor() adds.
  bool capture_all = false;
  // Events older than this are deleted, a partition at a time.
  absl::Duration retention = absl::Hours(24 * 7);
  // So are the oldest when events take more bytes. 0: no limit.
  uint64_t store_limit = 0;
  // Alerts whose last event arrived longer ago are deleted, and of more than
  // alert_limit the oldest.
  absl::Duration alert_retention = absl::Hours(24 * 90);
  uint64_t alert_limit = 1'000'000;
  // Repeats of an alert within this time of its last are folded into it.
  absl::Duration fold_window = absl::Minutes(10);
  // What goes on for longer than this makes a new alert.
  absl::Duration fold_limit = absl::Hours(24);
  // An agent that is away for so long without a goodbye counts as silent.
  absl::Duration silence_patience = absl::Minutes(1);
};

// The central service: ingest, detection, store, queries.
//
// Threads:   its own; the public methods from one thread.
// Lifetime:  serving from Start() until Shutdown() or destruction.
class Analyzer {
 public:
  static absl::StatusOr<std::unique_ptr<Analyzer>> Start(
      AnalyzerOptions options);
  ~Analyzer();

  // What clients connect to, with the port that was picked.
  const std::vector<std::string>& addresses() const;

  // Reads the rules again, changed or not; see RuleBook::Reload().
  absl::Status ReloadRules();
  size_t rule_count() const;

  // Ends watches, and open streams, each after the batch it is at; then the
  // server. What agents sent beyond that is not acknowledged, so they will
  // send it again.
  void Shutdown(absl::Duration patience);

 private:
  class Impl;
  explicit Analyzer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Reads the whole store in a folder that no analyzer uses, recovers what is
// damaged as Start() does, and says what it has found, a line each.
struct StoreCheck {
  std::vector<std::string> found;
  bool whole = true;
};
absl::StatusOr<StoreCheck> CheckStore(const AnalyzerOptions& options);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_ANALYZER_H_
