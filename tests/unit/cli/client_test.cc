#include "cli/client.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "catch2/catch.hpp"
#include "gatewatch/v1/query.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace gatewatch::cli {
namespace {

// Answers three pages of two alerts each; a watch sends one and then waits
// for its end.
class FakeService : public v1::QueryService::Service {
 public:
  grpc::Status ListAlerts(grpc::ServerContext*,
                          const v1::ListAlertsRequest* request,
                          v1::ListAlertsResponse* response) override {
    const std::string& token = request->page_token();
    const int page = token.empty() ? 0 : std::stoi(token);
    for (const int alert : {page * 2, page * 2 + 1}) {
      response->add_alerts()->set_id(absl::StrCat(alert));
    }
    if (page < 2) response->set_next_page_token(absl::StrCat(page + 1));
    return grpc::Status::OK;
  }

  grpc::Status WatchAlerts(grpc::ServerContext* context,
                           const v1::WatchAlertsRequest*,
                           grpc::ServerWriter<v1::Alert>* writer) override {
    v1::Alert alert;
    alert.set_id("live");
    writer->Write(alert);
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }

  grpc::Status GetRule(grpc::ServerContext*, const v1::GetRuleRequest* request,
                       v1::GetRuleResponse*) override {
    return {grpc::StatusCode::NOT_FOUND, "no rule " + request->name()};
  }
};

class FakeAnalyzer {
 public:
  FakeAnalyzer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }

  std::unique_ptr<Client> Connect() {
    return *Client::Create(absl::StrCat("127.0.0.1:", port_), {});
  }

 private:
  FakeService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

TEST_CASE("a list brings every page, in order", "[cli]") {
  FakeAnalyzer analyzer;
  std::string ids;
  const absl::Status status = analyzer.Connect()->ForEachAlert(
      {}, [&ids](const v1::Alert& alert) { ids += alert.id(); });
  CHECK(status.ok());
  CHECK(ids == "012345");
}

TEST_CASE("a watch that is cancelled ends well", "[cli]") {
  FakeAnalyzer analyzer;
  const auto client = analyzer.Connect();
  absl::Notification seen;
  std::thread other([&] {
    seen.WaitForNotification();
    client->Cancel();
  });
  const absl::Status status =
      client->WatchAlerts({}, [&seen](const v1::Alert& alert) {
        if (alert.id() == "live") seen.Notify();
      });
  other.join();
  CHECK(status.ok());
}

TEST_CASE("a watch after the cancellation does not begin", "[cli]") {
  FakeAnalyzer analyzer;
  const auto client = analyzer.Connect();
  client->Cancel();
  CHECK(client->WatchAlerts({}, [](const v1::Alert&) { FAIL(); }).ok());
}

TEST_CASE("the service's own error keeps its code and text", "[cli]") {
  FakeAnalyzer analyzer;
  const auto rule = analyzer.Connect()->GetRule("x");
  CHECK(absl::IsNotFound(rule.status()));
  CHECK(rule.status().message() == "no rule x");
}

TEST_CASE("an analyzer that is not there is unavailable", "[cli]") {
  const auto client = *Client::Create("unix:/nonexistent/socket", {});
  CHECK(absl::IsUnavailable(client->ListAgents().status()));
}

TEST_CASE("what is no address, or needs TLS, is refused before a call",
          "[cli]") {
  for (const char* address : {"analyzer", "10.0.0.1:7443"}) {
    INFO(address);
    CHECK(absl::IsInvalidArgument(Client::Create(address, {}).status()));
  }
}

}  // namespace gatewatch::cli
