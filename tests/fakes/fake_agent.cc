#include "tests/fakes/fake_agent.h"

#include <chrono>

#include "gatewatch/v1/ingest.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace gatewatch::testing {

struct FakeAgent::Stream {
  std::unique_ptr<v1::IngestService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::ReportRequest, v1::ReportResponse>>
      report;
  bool finished = false;
};

FakeAgent::FakeAgent(const std::string& address)
    : stream_(std::make_unique<Stream>()) {
  stream_->stub = v1::IngestService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  stream_->context.set_deadline(std::chrono::system_clock::now() +
                                std::chrono::seconds(10));
  stream_->report = stream_->stub->Report(&stream_->context);
}

FakeAgent::~FakeAgent() {
  if (stream_->finished) return;
  stream_->context.TryCancel();
  stream_->report->Finish();
}

bool FakeAgent::Send(const v1::ReportRequest& request) {
  return stream_->report->Write(request);
}

std::optional<uint64_t> FakeAgent::Hello(const std::string& agent_id,
                                         uint64_t epoch) {
  v1::ReportRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello.set_agent_id(agent_id);
  hello.set_epoch(epoch);
  hello.set_version("1.0");
  hello.mutable_workload()->set_host_name("host-of-" + agent_id);
  Send(request);
  v1::ReportResponse response;
  if (!stream_->report->Read(&response)) return std::nullopt;
  if (!response.has_welcome()) return std::nullopt;
  if (response.welcome().has_policy()) policy_ = response.welcome().policy();
  return response.welcome().last_sequence();
}

std::optional<uint64_t> FakeAgent::Report(const v1::Batch& batch) {
  v1::ReportRequest request;
  *request.mutable_batch() = batch;
  Send(request);
  v1::ReportResponse response;
  if (!stream_->report->Read(&response)) return std::nullopt;
  if (!response.has_ack()) return std::nullopt;
  return response.ack().sequence();
}

absl::Status FakeAgent::Goodbye() {
  v1::ReportRequest request;
  request.mutable_goodbye()->set_reason("done");
  Send(request);
  return AwaitEnd();
}

absl::Status FakeAgent::AwaitEnd() {
  v1::ReportResponse response;
  while (stream_->report->Read(&response)) continue;
  stream_->finished = true;
  const grpc::Status status = stream_->report->Finish();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

}  // namespace gatewatch::testing
