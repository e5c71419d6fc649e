#ifndef GATEWATCH_ANALYZER_REPORT_SESSION_H_
#define GATEWATCH_ANALYZER_REPORT_SESSION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analyzer/agent_registry.h"
#include "analyzer/event_store.h"
#include "analyzer/pipeline.h"
#include "analyzer/rule_book.h"
#include "base/clock.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::analyzer {

// One agent's stream: holds it to the protocol of ingest.proto.
//
// Threads:  one.
// Lifetime: what it is given must outlive it. For one agent there may be one
//           session at a time.
// Errors:   end the stream. INVALID_ARGUMENT and RESOURCE_EXHAUSTED are the
//           peer's fault, anything else is ours.
class ReportSession {
 public:
  // The agent is told to capture what `rules` need; null: everything.
  ReportSession(Pipeline& pipeline, EventStore& events, AgentRegistry& agents,
                const RuleBook* rules)
      : pipeline_(pipeline), events_(events), agents_(agents), rules_(rules) {}
  ~ReportSession();

  // Call once, first. The hello must have passed CheckHello().
  absl::StatusOr<v1::ReportResponse> Begin(const v1::Hello& hello);

  // What to answer to anything after the hello, if anything.
  absl::StatusOr<std::optional<v1::ReportResponse>> Handle(
      const v1::ReportRequest& request);

  // What to tell the agent when it is to capture something else than it was
  // told last, by Begin() or by this; nothing when it is not.
  std::optional<v1::ReportResponse> ChangePolicy();

  // The agent has said goodbye.
  bool ended() const { return ended_; }

 private:
  absl::StatusOr<v1::ReportResponse> Store(const v1::Batch& batch);
  // Stores an event of the analyzer's own in the agent's stream.
  absl::Status StoreLoss(const v1::Loss& loss, uint64_t sequence);
  absl::Status StoreDeath(const AgentRegistry::Life& life);
  absl::Status StoreMissing(uint64_t first_sequence);

  Pipeline& pipeline_;
  EventStore& events_;
  AgentRegistry& agents_;
  const RuleBook* const rules_;
  RuleBook::EditionPtr told_;  // whose policy the agent knows; null: none's
  v1::Hello hello_;
  uint64_t last_sequence_ = 0;
  bool began_ = false;
  bool received_ = false;  // a batch
  bool ended_ = false;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_REPORT_SESSION_H_
