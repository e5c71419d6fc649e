#include "cli/client.h"

#include <chrono>
#include <set>

#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "channel/address.h"
#include "channel/credentials.h"
#include "channel/handshake_failure.h"
#include "gatewatch/v1/query.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace gatewatch::cli {
namespace {

constexpr std::chrono::seconds kPatience(30);
constexpr uint32_t kPageSize = 1000;

}  // namespace

class Client::Impl {
 public:
  explicit Impl(const channel::Connection& connection)
      : protection_(connection.protection),
        stub_(v1::QueryService::NewStub(connection.channel)) {}

  template <typename Request, typename Response>
  using Method = grpc::Status (v1::QueryService::Stub::*)(grpc::ClientContext*,
                                                          const Request&,
                                                          Response*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method,
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    Response response;
    const grpc::Status status =
        (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return ToStatus(status);
    return response;
  }

  // `open` starts the stream on the context it is given.
  template <typename Item, typename Open>
  absl::Status Watch(const Open& open,
                     const std::function<void(const Item&)>& visit)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    grpc::ClientContext context;
    if (!Register(context)) return absl::OkStatus();
    const auto reader = open(*stub_, &context);
    Item item;
    while (reader->Read(&item)) visit(item);
    const grpc::Status status = reader->Finish();
    Unregister(context);
    const bool cancelled = status.error_code() == grpc::StatusCode::CANCELLED;
    return cancelled ? absl::OkStatus() : ToStatus(status);
  }

  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    for (grpc::ClientContext* context : watches_) context->TryCancel();
  }

 private:
  bool Register(grpc::ClientContext& context) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) return false;
    watches_.insert(&context);
    return true;
  }

  void Unregister(grpc::ClientContext& context) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    watches_.erase(&context);
  }

  // Ours are gRPC's codes by construction.
  absl::Status ToStatus(const grpc::Status& status) const {
    return channel::ExplainFailure(
        absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                     status.error_message()),
        protection_);
  }

  const channel::Protection protection_;
  const std::unique_ptr<v1::QueryService::Stub> stub_;
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> watches_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::unique_ptr<Client>> Client::Create(
    const std::string& address, const channel::Settings& settings) {
  GATEWATCH_ASSIGN_OR_RETURN(const channel::Address parsed,
                             channel::ParseAddress(address));
  GATEWATCH_ASSIGN_OR_RETURN(
      const channel::Connection connection,
      channel::Connect(parsed, settings, grpc::ChannelArguments()));
  return std::unique_ptr<Client>(
      new Client(std::make_unique<Impl>(connection)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

absl::Status Client::ForEachAlert(
    v1::ListAlertsRequest request,
    const std::function<void(const v1::Alert&)>& visit) {
  request.clear_page_token();
  request.set_page_size(kPageSize);
  do {
    const auto page =
        impl_->Call<v1::ListAlertsRequest, v1::ListAlertsResponse>(
            &v1::QueryService::Stub::ListAlerts, request);
    if (!page.ok()) return page.status();
    for (const v1::Alert& alert : page->alerts()) visit(alert);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Client::ForEachEvent(
    v1::ListEventsRequest request,
    const std::function<void(const v1::EventRecord&)>& visit) {
  request.clear_page_token();
  request.set_page_size(kPageSize);
  do {
    const auto page =
        impl_->Call<v1::ListEventsRequest, v1::ListEventsResponse>(
            &v1::QueryService::Stub::ListEvents, request);
    if (!page.ok()) return page.status();
    for (const v1::EventRecord& event : page->events()) visit(event);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Client::WatchAlerts(
    const v1::WatchAlertsRequest& request,
    const std::function<void(const v1::Alert&)>& visit) {
  return impl_->Watch<v1::Alert>(
      [&](v1::QueryService::Stub& stub, grpc::ClientContext* context) {
        return stub.WatchAlerts(context, request);
      },
      visit);
}

absl::Status Client::WatchEvents(
    const v1::WatchEventsRequest& request,
    const std::function<void(const v1::EventRecord&)>& visit) {
  return impl_->Watch<v1::EventRecord>(
      [&](v1::QueryService::Stub& stub, grpc::ClientContext* context) {
        return stub.WatchEvents(context, request);
      },
      visit);
}

absl::StatusOr<v1::GetAlertResponse> Client::GetAlert(const std::string& id) {
  v1::GetAlertRequest request;
  request.set_id(id);
  return impl_->Call<v1::GetAlertRequest, v1::GetAlertResponse>(
      &v1::QueryService::Stub::GetAlert, request);
}

absl::StatusOr<v1::GetProcessTreeResponse> Client::GetProcessTree(
    const std::string& process_key) {
  v1::GetProcessTreeRequest request;
  request.set_process_key(process_key);
  return impl_->Call<v1::GetProcessTreeRequest, v1::GetProcessTreeResponse>(
      &v1::QueryService::Stub::GetProcessTree, request);
}

absl::StatusOr<v1::ListAgentsResponse> Client::ListAgents() {
  return impl_->Call<v1::ListAgentsRequest, v1::ListAgentsResponse>(
      &v1::QueryService::Stub::ListAgents, {});
}

absl::StatusOr<v1::ListRulesResponse> Client::ListRules() {
  return impl_->Call<v1::ListRulesRequest, v1::ListRulesResponse>(
      &v1::QueryService::Stub::ListRules, {});
}

absl::StatusOr<v1::GetRuleResponse> Client::GetRule(const std::string& name) {
  v1::GetRuleRequest request;
  request.set_name(name);
  return impl_->Call<v1::GetRuleRequest, v1::GetRuleResponse>(
      &v1::QueryService::Stub::GetRule, request);
}

void Client::Cancel() { impl_->Cancel(); }

}  // namespace gatewatch::cli
