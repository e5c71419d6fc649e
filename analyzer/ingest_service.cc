#include "analyzer/ingest_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "analyzer/access.h"
#include "analyzer/batch_check.h"
#include "analyzer/grpc_peer.h"
#include "analyzer/grpc_status.h"
#include "analyzer/peer_slots.h"
#include "analyzer/report_session.h"
#include "analyzer/stream_table.h"
#include "base/log.h"
#include "base/status.h"
#include "gatewatch/v1/ingest.grpc.pb.h"

namespace gatewatch::analyzer {
namespace {

using ReportStream =
    grpc::ServerReaderWriter<v1::ReportResponse, v1::ReportRequest>;

// How soon a stream that waits notices that it is to end.
constexpr absl::Duration kCancelPoll = absl::Milliseconds(50);

// The peer's fault, or everyday business; anything else is ours to look at.
bool IsOurs(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kPermissionDenied:
      return false;
    default:
      return true;
  }
}

// Reads no more of one stream than the rates allow.
class RateKeeper {
 public:
  // All must outlive it.
  RateKeeper(PeerRates& rates, const std::string& agent_id,
             const grpc::ServerContext& context)
      : rates_(rates), agent_id_(agent_id), context_(context) {}

  // Counts what was read, and waits as long as it is over the rates. The
  // agent holds meanwhile what it cannot send.
  void Keep(const v1::ReportRequest& request) {
    const absl::Time now = absl::Now();
    const PeerRates::Wait wait = rates_.Spend(
        agent_id_, static_cast<size_t>(request.batch().events_size()),
        request.ByteSizeLong(), now);
    if (wait.time == absl::ZeroDuration()) return;
    if (!told_) {
      LogWarning("agent ", agent_id_, " sends faster than ", wait.limit,
                 " allows, and is read from more slowly");
    }
    told_ = true;
    while (absl::Now() < now + wait.time && !context_.IsCancelled()) {
      absl::SleepFor(std::min(wait.time, kCancelPoll));
    }
  }

 private:
  PeerRates& rates_;
  const std::string& agent_id_;
  const grpc::ServerContext& context_;
  bool told_ = false;  // once a stream
};

}  // namespace

class IngestService::Impl final : public v1::IngestService::Service {
 public:
  Impl(Pipeline& pipeline, EventStore& events, AgentRegistry& agents,
       const RuleBook* rules, const Limits& limits)
      : pipeline_(pipeline),
        events_(events),
        agents_(agents),
        rules_(rules),
        slots_("streams", {limits.streams, "--max-streams"},
               {limits.streams_of_each, "--max-streams-of-each"}),
        rates_(limits.rates) {}

  grpc::Status Report(grpc::ServerContext* context,
                      ReportStream* stream) override {
    const absl::Status status = Serve(*context, *stream);
    // Once a stream, not once an event.
    if (!status.ok()) {
      Log(IsOurs(status) ? LogLevel::kError : LogLevel::kWarning,
          absl::StrCat("stream of ", context->peer(), ": ", status.ToString()));
    }
    return ToGrpcStatus(status);
  }

  void Close(absl::Time deadline) { streams_.Close(deadline); }

 private:
  absl::Status Serve(grpc::ServerContext& context, ReportStream& stream) {
    GATEWATCH_ASSIGN_OR_RETURN(const std::optional<channel::PeerName> peer,
                               PeerOf(context));
    GATEWATCH_ASSIGN_OR_RETURN(
        const std::unique_ptr<PeerSlots::Slot> slot,
        slots_.Take(peer.has_value() ? ToUri(*peer) : ""));
    GATEWATCH_ASSIGN_OR_RETURN(
        const std::unique_ptr<StreamTable::Stream> entry,
        streams_.Enter([&context] { context.TryCancel(); }));
    v1::ReportRequest request;
    if (!stream.Read(&request)) return EndOf(context);
    if (!request.has_hello()) {
      return absl::InvalidArgumentError("Hello comes first");
    }
    GATEWATCH_RETURN_IF_ERROR(CheckHello(request.hello()));
    const std::string agent_id = request.hello().agent_id();
    if (peer.has_value()) {
      GATEWATCH_RETURN_IF_ERROR(CheckAgentId(*peer, agent_id));
    }
    GATEWATCH_RETURN_IF_ERROR(entry->Claim(agent_id));
    ReportSession session(pipeline_, events_, agents_, rules_);
    GATEWATCH_ASSIGN_OR_RETURN(const v1::ReportResponse welcome,
                               session.Begin(request.hello()));
    if (!stream.Write(welcome)) return absl::OkStatus();
    RateKeeper rate(rates_, agent_id, context);
    while (!session.ended() && stream.Read(&request)) {
      GATEWATCH_ASSIGN_OR_RETURN(
          const std::optional<v1::ReportResponse> response,
          session.Handle(request));
      if (response.has_value() && !stream.Write(*response)) break;
      const auto change = session.ChangePolicy();
      if (change.has_value() && !stream.Write(*change)) break;
      rate.Keep(request);
    }
    return session.ended() ? absl::OkStatus() : EndOf(context);
  }

  // How a stream ends that has no more to read. gRPC tells the end of the
  // stream and a message that is none of ours by the same answer.
  static absl::Status EndOf(const grpc::ServerContext& context) {
    if (context.IsCancelled()) return absl::OkStatus();  // nobody listens
    return absl::InvalidArgumentError(
        "the stream ended without a goodbye, or with bytes that are no "
        "message");
  }

  Pipeline& pipeline_;
  EventStore& events_;
  AgentRegistry& agents_;
  const RuleBook* const rules_;
  PeerSlots slots_;
  PeerRates rates_;
  StreamTable streams_;
};

IngestService::IngestService(Pipeline& pipeline, EventStore& events,
                             AgentRegistry& agents, const RuleBook* rules,
                             const Limits& limits)
    : impl_(std::make_unique<Impl>(pipeline, events, agents, rules, limits)) {}

IngestService::~IngestService() = default;

grpc::Service& IngestService::service() { return *impl_; }

void IngestService::Close(absl::Time deadline) { impl_->Close(deadline); }

}  // namespace gatewatch::analyzer
