#include "analyzer/report_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/batch_check.h"
#include "analyzer/loss_batch.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

v1::ReportResponse AckOf(uint64_t sequence) {
  v1::ReportResponse response;
  response.mutable_ack()->set_sequence(sequence);
  return response;
}

bool SamePolicy(const RuleBook::Edition& a, const RuleBook::Edition& b) {
  if (!a.policy || !b.policy)
    return a.policy.has_value() == b.policy.has_value();
  return a.policy->SerializeAsString() == b.policy->SerializeAsString();
}

}  // namespace

ReportSession::~ReportSession() {
  if (began_) agents_.Disconnect(hello_.agent_id());
}

absl::StatusOr<v1::ReportResponse> ReportSession::Begin(
    const v1::Hello& hello) {
  hello_ = hello;
  const auto life = agents_.LastLife(hello.agent_id());
  const bool same_life = life.has_value() && life->epoch == hello.epoch();
  GATEWATCH_ASSIGN_OR_RETURN(
      const EventStore::Progress stored,
      events_.ProgressOf(hello.agent_id(), hello.epoch()));
  // The store lacks what it has deleted by age; the registry lacks what a
  // crash kept from it.
  last_sequence_ =
      std::max(stored.last_sequence, same_life ? life->last_sequence : 0);
  // First, because the registry forgets the old life.
  if (life.has_value() && !same_life && !life->ended && !stored.known) {
    GATEWATCH_RETURN_IF_ERROR(StoreDeath(*life));
  }
  GATEWATCH_RETURN_IF_ERROR(agents_.Connect(hello, last_sequence_));
  began_ = true;
  v1::ReportResponse response;
  response.mutable_welcome()->set_last_sequence(last_sequence_);
  if (rules_ == nullptr) return response;
  told_ = rules_->edition();
  if (told_->policy) {
    *response.mutable_welcome()->mutable_policy() = *told_->policy;
  }
  return response;
}

std::optional<v1::ReportResponse> ReportSession::ChangePolicy() {
  if (rules_ == nullptr) return std::nullopt;
  const RuleBook::EditionPtr before = std::exchange(told_, rules_->edition());
  if (told_ == before || SamePolicy(*told_, *before)) return std::nullopt;
  v1::ReportResponse response;
  v1::PolicyChange& change = *response.mutable_policy_change();
  if (told_->policy) *change.mutable_policy() = *told_->policy;
  return response;
}

absl::StatusOr<std::optional<v1::ReportResponse>> ReportSession::Handle(
    const v1::ReportRequest& request) {
  switch (request.message_case()) {
    case v1::ReportRequest::kBatch: {
      if (request.batch().events().empty()) return std::nullopt;
      GATEWATCH_ASSIGN_OR_RETURN(v1::ReportResponse ack,
                                 Store(request.batch()));
      return std::make_optional(std::move(ack));
    }
    case v1::ReportRequest::kHeartbeat:
      GATEWATCH_RETURN_IF_ERROR(
          agents_.NoteHeartbeat(hello_.agent_id(), request.heartbeat()));
      return std::nullopt;
    case v1::ReportRequest::kGoodbye:
      ended_ = true;
      GATEWATCH_RETURN_IF_ERROR(agents_.NoteGoodbye(hello_.agent_id()));
      return std::nullopt;
    case v1::ReportRequest::kHello:
      return absl::InvalidArgumentError("Hello comes once, first");
    case v1::ReportRequest::MESSAGE_NOT_SET:
      // A later version's message; what it means cannot be guessed.
      return absl::InvalidArgumentError("a request that is not known here");
  }
  return absl::InvalidArgumentError("a request that is not known here");
}

absl::StatusOr<v1::ReportResponse> ReportSession::Store(
    const v1::Batch& batch) {
  GATEWATCH_RETURN_IF_ERROR(CheckBatch(batch));
  const uint64_t first = batch.events(0).sequence();
  if (first > last_sequence_ + 1) {
    GATEWATCH_RETURN_IF_ERROR(StoreMissing(first));
  }
  received_ = true;
  const uint64_t known = last_sequence_ + 1 - first;
  if (known >= static_cast<uint64_t>(batch.events_size())) {
    return AckOf(last_sequence_);
  }
  const Report report = {.agent_id = hello_.agent_id(),
                         .epoch = hello_.epoch(),
                         .workload = hello_.workload(),
                         .batch = batch,
                         .first = static_cast<int>(known)};
  GATEWATCH_RETURN_IF_ERROR(pipeline_.Accept(report));
  last_sequence_ = report.last_sequence();
  return AckOf(last_sequence_);
}

absl::Status ReportSession::StoreLoss(const v1::Loss& loss, uint64_t sequence) {
  const v1::Batch batch = LossBatch(loss, sequence);
  GATEWATCH_RETURN_IF_ERROR(pipeline_.Accept({.agent_id = hello_.agent_id(),
                                              .epoch = hello_.epoch(),
                                              .workload = hello_.workload(),
                                              .batch = batch}));
  last_sequence_ = sequence;
  return absl::OkStatus();
}

absl::Status ReportSession::StoreDeath(const AgentRegistry::Life& life) {
  LogWarning("agent ", hello_.agent_id(), " comes back without a goodbye");
  // Before the first of the new life: a number that no agent uses, so that it
  // is stored once, and in nobody's way if the old life is not over after all.
  return StoreLoss(LossOf(v1::Loss::REASON_AGENT_DIED, 0, life.last_time_ns,
                          std::max(UnixNanos(), life.last_time_ns)),
                   0);
}

absl::Status ReportSession::StoreMissing(uint64_t first_sequence) {
  // At the beginning of a stream the agent may hold our promise for what came
  // before: the store was lost, not the protocol broken. Refusing it would
  // silence that agent for good.
  if (received_) {
    return absl::InvalidArgumentError(
        absl::StrCat("event ", first_sequence, " where ", last_sequence_ + 1,
                     " was expected"));
  }
  LogWarning("agent ", hello_.agent_id(), " goes on from event ",
             first_sequence, ", and the store ends with event ",
             last_sequence_);
  return StoreLoss(
      LossOf(v1::Loss::REASON_STORE_DAMAGED,
             first_sequence - 1 - last_sequence_, hello_.epoch(), UnixNanos()),
      first_sequence - 1);
}

}  // namespace gatewatch::analyzer
