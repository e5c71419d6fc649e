#include "tests/fakes/ingest_server.h"

#include <grpcpp/grpcpp.h>
#include <stdlib.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gatewatch/v1/ingest.grpc.pb.h"

namespace gatewatch::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

using Stream = grpc::ServerReaderWriter<v1::ReportResponse, v1::ReportRequest>;

std::string MakeFolder() {
  char folder[] = "/tmp/gatewatch-ingest-XXXXXX";
  return ::mkdtemp(folder) == nullptr ? "/tmp" : folder;
}

using State = std::pair<std::string, uint32_t>;

State StateOf(const v1::ProcessRef& ref) { return {ref.key(), ref.revision()}; }

std::vector<State> ReferencesOf(const v1::Event& event) {
  std::vector<State> states;
  if (event.has_process()) states.push_back(StateOf(event.process()));
  if (event.process_exec().has_before()) {
    states.push_back(StateOf(event.process_exec().before()));
  }
  if (event.process_access().has_target()) {
    states.push_back(StateOf(event.process_access().target()));
  }
  if (event.signal_send().has_target()) {
    states.push_back(StateOf(event.signal_send().target()));
  }
  if (event.namespace_change().has_target()) {
    states.push_back(StateOf(event.namespace_change().target()));
  }
  return states;
}

}  // namespace

class FakeIngestServer::Impl final : public v1::IngestService::Service {
 public:
  Impl() : folder_(MakeFolder()) {
    address_ = absl::StrCat("unix:", folder_, "/s");
  }
  ~Impl() override {
    Stop();
    ::unlink((folder_ + "/s").c_str());
    ::rmdir(folder_.c_str());
  }

  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  void Stop() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }

  grpc::Status Report(grpc::ServerContext*, Stream* stream) override {
    v1::ReportRequest request;
    while (stream->Read(&request)) {
      const bool goes_on = Handle(request, *stream);
      if (!goes_on) return {grpc::StatusCode::UNAVAILABLE, "told to end"};
    }
    return grpc::Status::OK;
  }

  template <typename T>
  std::vector<T> Await(const std::vector<T>& items, size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return items.size() >= count; };
    mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
    return items;
  }

  std::string AwaitGoodbye() {
    absl::MutexLock lock(&mutex_);
    const auto said = [this] { return goodbye_.has_value(); };
    mutex_.AwaitWithTimeout(absl::Condition(&said), kPatience);
    return goodbye_.value_or("");
  }

  bool Handle(const v1::ReportRequest& request, Stream& stream) {
    absl::MutexLock lock(&mutex_);
    switch (request.message_case()) {
      case v1::ReportRequest::kHello:
        return Welcome(request.hello(), stream);
      case v1::ReportRequest::kBatch:
        return Take(request.batch(), stream);
      case v1::ReportRequest::kHeartbeat:
        heartbeats_.push_back(request.heartbeat());
        return true;
      case v1::ReportRequest::kGoodbye:
        goodbye_ = request.goodbye().reason();
        return true;
      case v1::ReportRequest::MESSAGE_NOT_SET:
        return false;
    }
    return false;
  }

  bool Welcome(const v1::Hello& hello, Stream& stream) {
    if (hello.epoch() != epoch_) {
      epoch_ = hello.epoch();
      events_.clear();
    }
    hellos_.push_back(hello);
    if (EndsAt(EndAt::kHello)) return false;
    v1::ReportResponse response;
    response.mutable_welcome()->set_last_sequence(events_.size());
    if (policy_) *response.mutable_welcome()->mutable_policy() = *policy_;
    stream.Write(response);
    return !EndsAt(EndAt::kWelcome);
  }

  bool Take(const v1::Batch& batch, Stream& stream) {
    if (EndsAt(EndAt::kBatch)) return false;
    batches_.push_back(batch);
    CheckReferences(batch);
    for (const v1::Event& event : batch.events()) {
      if (event.sequence() == events_.size() + 1) {
        events_.push_back(event);
      } else {
        violations_.push_back(absl::StrCat("sequence ", event.sequence(),
                                           " after ", events_.size()));
      }
    }
    if (EndsAt(EndAt::kStoredBatch)) return false;
    if (hold_acks_) return true;
    v1::ReportResponse response;
    response.mutable_ack()->set_sequence(events_.size());
    stream.Write(response);
    return !EndsAt(EndAt::kAck);
  }

  void CheckReferences(const v1::Batch& batch) {
    std::set<State> known;
    for (const v1::Process& process : batch.processes()) {
      if (!known.insert({process.key(), process.revision()}).second) {
        violations_.push_back("a state is in the batch twice");
      }
    }
    for (const v1::Event& event : batch.events()) {
      for (const State& state : ReferencesOf(event)) {
        if (!known.contains(state)) {
          violations_.push_back("a process is not in the batch");
        }
      }
    }
  }

  bool EndsAt(EndAt where) {
    if (end_at_ != where || end_times_ == 0) return false;
    --end_times_;
    return true;
  }

  const std::string folder_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;

  absl::Mutex mutex_;  // guards all below
  EndAt end_at_ = EndAt::kHello;
  int end_times_ = 0;
  bool hold_acks_ = false;
  std::optional<v1::CapturePolicy> policy_;
  uint64_t epoch_ = 0;
  std::vector<v1::Event> events_;
  std::vector<v1::Hello> hellos_;
  std::vector<v1::Batch> batches_;
  std::vector<v1::Heartbeat> heartbeats_;
  std::optional<std::string> goodbye_;
  std::vector<std::string> violations_;
};

FakeIngestServer::FakeIngestServer() : impl_(std::make_unique<Impl>()) {}
FakeIngestServer::~FakeIngestServer() = default;

const std::string& FakeIngestServer::address() const { return impl_->address_; }

void FakeIngestServer::Start() { impl_->Start(); }
void FakeIngestServer::Stop() { impl_->Stop(); }

void FakeIngestServer::Forget() {
  absl::MutexLock lock(&impl_->mutex_);
  impl_->events_.clear();
}

void FakeIngestServer::EndStreams(EndAt where, int times) {
  absl::MutexLock lock(&impl_->mutex_);
  impl_->end_at_ = where;
  impl_->end_times_ = times;
}

void FakeIngestServer::GivePolicy(const std::vector<std::string>& kinds) {
  absl::MutexLock lock(&impl_->mutex_);
  impl_->policy_.emplace();
  impl_->policy_->mutable_kinds()->Assign(kinds.begin(), kinds.end());
}

void FakeIngestServer::HoldAcks() {
  absl::MutexLock lock(&impl_->mutex_);
  impl_->hold_acks_ = true;
}

std::vector<v1::Hello> FakeIngestServer::ExpectHellos(size_t count) {
  return impl_->Await(impl_->hellos_, count);
}

std::vector<v1::Event> FakeIngestServer::ExpectEvents(size_t count) {
  return impl_->Await(impl_->events_, count);
}

std::vector<v1::Heartbeat> FakeIngestServer::ExpectHeartbeats(size_t count) {
  return impl_->Await(impl_->heartbeats_, count);
}

std::string FakeIngestServer::ExpectGoodbye() { return impl_->AwaitGoodbye(); }

std::vector<v1::Batch> FakeIngestServer::batches() const {
  absl::MutexLock lock(&impl_->mutex_);
  return impl_->batches_;
}

bool FakeIngestServer::said_goodbye() const {
  absl::MutexLock lock(&impl_->mutex_);
  return impl_->goodbye_.has_value();
}

std::vector<std::string> FakeIngestServer::violations() const {
  absl::MutexLock lock(&impl_->mutex_);
  return impl_->violations_;
}

}  // namespace gatewatch::testing
