#include "agent/report_stream.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "channel/credentials.h"
#include "channel/handshake_failure.h"
#include "gatewatch/v1/ingest.grpc.pb.h"

namespace gatewatch::agent {
namespace {

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  // Events go where they were told to go, whatever http_proxy says.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // When to try again is the caller's decision, so no state from an earlier
  // channel's attempts may come in.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

class GrpcReportStream final
    : public ReportStream,
      private grpc::ClientBidiReactor<v1::ReportRequest, v1::ReportResponse> {
 public:
  GrpcReportStream(const channel::Connection& connection,
                   OnResponse on_response)
      : on_response_(std::move(on_response)),
        protection_(connection.protection),
        stub_(v1::IngestService::NewStub(connection.channel)) {
    stub_->async()->Report(&context_, this);
    // Send() starts writes outside of any reaction.
    AddHold();
    StartRead(&response_);
    StartCall();
  }

  ~GrpcReportStream() override {
    if (!closed_) static_cast<void>(Close(absl::ZeroDuration()));
  }

  bool Send(v1::ReportRequest request, absl::Duration patience) override {
    {
      absl::MutexLock lock(&mutex_);
      if (ended_) return false;
      writing_ = true;
    }
    request_ = std::move(request);
    StartWrite(&request_);
    absl::MutexLock lock(&mutex_);
    const auto written = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !writing_;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&written), patience) &&
           !ended_;
  }

  bool open() const override {
    absl::MutexLock lock(&mutex_);
    return !ended_;
  }

  absl::Status Close(absl::Duration patience) override {
    closed_ = true;
    if (patience > absl::ZeroDuration()) AwaitEnd(patience);
    // Of a call that has ended by itself this changes nothing.
    context_.TryCancel();
    RemoveHold();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
    return channel::ExplainFailure(
        absl::Status(static_cast<absl::StatusCode>(status_.error_code()),
                     status_.error_message()),
        protection_);
  }

  void Cancel() override { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return End();
    on_response_(response_);
    StartRead(&response_);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) ended_ = true;
  }

  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    done_ = true;
    status_ = status;
  }

  void End() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }

  void AwaitEnd(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_) {
    // Only after a successful Send(), so no write is under way.
    if (open()) StartWritesDone();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&ended_), patience);
  }

  const OnResponse on_response_;
  const channel::Protection protection_;
  const std::unique_ptr<v1::IngestService::Stub> stub_;
  grpc::ClientContext context_;
  bool closed_ = false;
  v1::ReportRequest request_;    // of the write under way
  v1::ReportResponse response_;  // of the read under way
  mutable absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<ReportStream>> ReportStream::Open(
    const channel::Address& address, const channel::Settings& settings,
    OnResponse on_response) {
  GATEWATCH_ASSIGN_OR_RETURN(const channel::Connection connection,
                             channel::Connect(address, settings, Arguments()));
  return std::make_unique<GrpcReportStream>(connection, std::move(on_response));
}

}  // namespace gatewatch::agent
