#include "analyzer/ingest_service.h"

#include <optional>
#include <string>
#include <utility>

#include "analyzer/batch_check.h"
#include "analyzer/grpc_status.h"
#include "analyzer/report_session.h"
#include "analyzer/stream_table.h"
#include "base/log.h"
#include "base/status.h"
#include "gatewatch/v1/ingest.grpc.pb.h"

namespace gatewatch::analyzer {
namespace {

using ReportStream =
    grpc::ServerReaderWriter<v1::ReportResponse, v1::ReportRequest>;

// The peer's fault, or everyday business; anything else is ours to look at.
bool IsOurs(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnavailable:
      return false;
    default:
      return true;
  }
}

}  // namespace

class IngestService::Impl final : public v1::IngestService::Service {
 public:
  Impl(Pipeline& pipeline, EventStore& events, AgentRegistry& agents,
       const RuleBook* rules)
      : pipeline_(pipeline), events_(events), agents_(agents), rules_(rules) {}

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
    GATEWATCH_ASSIGN_OR_RETURN(
        const std::unique_ptr<StreamTable::Stream> entry,
        streams_.Enter([&context] { context.TryCancel(); }));
    v1::ReportRequest request;
    if (!stream.Read(&request)) return EndOf(context);
    if (!request.has_hello()) {
      return absl::InvalidArgumentError("Hello comes first");
    }
    GATEWATCH_RETURN_IF_ERROR(CheckHello(request.hello()));
    GATEWATCH_RETURN_IF_ERROR(entry->Claim(request.hello().agent_id()));
    ReportSession session(pipeline_, events_, agents_, rules_);
    GATEWATCH_ASSIGN_OR_RETURN(const v1::ReportResponse welcome,
                               session.Begin(request.hello()));
    if (!stream.Write(welcome)) return absl::OkStatus();
    while (!session.ended() && stream.Read(&request)) {
      GATEWATCH_ASSIGN_OR_RETURN(
          const std::optional<v1::ReportResponse> response,
          session.Handle(request));
      if (response.has_value() && !stream.Write(*response)) break;
      const auto change = session.ChangePolicy();
      if (change.has_value() && !stream.Write(*change)) break;
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
  StreamTable streams_{kMaxStreams};
};

IngestService::IngestService(Pipeline& pipeline, EventStore& events,
                             AgentRegistry& agents, const RuleBook* rules)
    : impl_(std::make_unique<Impl>(pipeline, events, agents, rules)) {}

IngestService::~IngestService() = default;

grpc::Service& IngestService::service() { return *impl_; }

void IngestService::Close(absl::Time deadline) { impl_->Close(deadline); }

}  // namespace gatewatch::analyzer
