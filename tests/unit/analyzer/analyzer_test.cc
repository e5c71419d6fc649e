// The analyzer as its peers see it: over gRPC, on a unix socket.
#include "analyzer/analyzer.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "catch2/catch.hpp"
#include "gatewatch/v1/query.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "tests/fakes/fake_agent.h"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

using testing::FakeAgent;
using Code = absl::StatusCode;
using Numbers = std::vector<uint64_t>;

constexpr char kRules[] = R"(
- rule: Shadow read
  desc: Somebody reads the password hashes
  condition: evt.type = openat and fd.name = /etc/shadow
  output: Shadow read by %proc.name
  priority: WARNING
)";

// A call that must not hang.
struct Context : grpc::ClientContext {
  Context() {
    set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }
};

struct Fixture {
  TempDirectory directory;
  const std::string address = "unix:" + directory.path() + "/socket";
  std::unique_ptr<Analyzer> analyzer = Start();
  std::unique_ptr<v1::QueryService::Stub> query = v1::QueryService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));

  AnalyzerOptions Options() {
    AnalyzerOptions options;
    options.listen = {address};
    options.store_directory = directory.path() + "/store";
    // The samples are of the first hours of 1970.
    options.alert_retention = absl::InfiniteDuration();
    return options;
  }
  std::unique_ptr<Analyzer> Start() {
    AnalyzerOptions options = Options();
    options.rules.built_in = {{.name = "test.yaml", .text = kRules}};
    auto started = Analyzer::Start(std::move(options));
    REQUIRE(started.ok());
    return *std::move(started);
  }
  void Restart() {
    analyzer.reset();
    analyzer = Start();
    query = v1::QueryService::NewStub(
        grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  }

  v1::ListEventsResponse Events(const v1::ListEventsRequest& request = {}) {
    Context context;
    v1::ListEventsResponse response;
    REQUIRE(query->ListEvents(&context, request, &response).ok());
    return response;
  }
  Code EventsError(const v1::ListEventsRequest& request) {
    Context context;
    v1::ListEventsResponse response;
    return static_cast<Code>(
        query->ListEvents(&context, request, &response).error_code());
  }
  Numbers StoredSequences() {
    Numbers numbers;
    const v1::ListEventsResponse events = Events();
    for (const v1::EventRecord& record : events.events()) {
      numbers.push_back(record.event().sequence());
    }
    return numbers;
  }
  v1::ListAlertsResponse Alerts(const v1::ListAlertsRequest& request = {}) {
    Context context;
    v1::ListAlertsResponse response;
    REQUIRE(query->ListAlerts(&context, request, &response).ok());
    return response;
  }
  v1::Agent OnlyAgent() {
    Context context;
    v1::ListAgentsResponse response;
    REQUIRE(query->ListAgents(&context, {}, &response).ok());
    REQUIRE(response.agents_size() == 1);
    return response.agents(0);
  }
};

v1::ReportRequest RequestOf(const v1::Batch& batch) {
  v1::ReportRequest request;
  *request.mutable_batch() = batch;
  return request;
}

}  // namespace

TEST_CASE("agents are told what the rules need, and what always is",
          "[analyzer]") {
  Fixture f;
  FakeAgent agent(f.address);
  REQUIRE(agent.Hello("agent", 1));
  REQUIRE(agent.policy());
  const auto& kinds = agent.policy()->kinds();
  const auto wants = [&kinds](const std::string& kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  CHECK(wants("open"));
  CHECK(wants("exec"));
  CHECK(wants("connect"));
  CHECK_FALSE(wants("chmod"));
}

TEST_CASE("what is acknowledged is stored", "[analyzer][ingest]") {
  Fixture f;
  FakeAgent agent(f.address);
  CHECK(agent.Hello("agent", 7) == 0u);
  CHECK(agent.Report(Opens(1, 3)) == 3u);
  CHECK(f.StoredSequences() == Numbers{1, 2, 3});
  const v1::EventRecord record = f.Events().events(0);
  CHECK(record.agent_id() == "agent");
  CHECK(record.epoch() == 7);
  CHECK(record.workload().host_name() == "host-of-agent");
  CHECK(f.OnlyAgent().connected());
  CHECK(agent.Goodbye().ok());
}

TEST_CASE("what is sent again after a reconnect is stored once",
          "[analyzer][ingest]") {
  Fixture f;
  const bool restart = GENERATE(false, true);
  {
    FakeAgent agent(f.address);
    agent.Hello("agent", 7);
    REQUIRE(agent.Report(Opens(1, 3)) == 3u);
  }
  if (restart) f.Restart();
  FakeAgent agent(f.address);
  CHECK(agent.Hello("agent", 7) == 3u);
  CHECK(agent.Report(Opens(2, 2)) == 3u);  // all known
  CHECK(agent.Report(Opens(2, 4)) == 5u);  // half known
  CHECK(f.StoredSequences() == Numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a peer that breaks the protocol is ended; others do not notice",
          "[analyzer][ingest]") {
  Fixture f;
  FakeAgent good(f.address);
  REQUIRE(good.Hello("good", 1) == 0u);
  REQUIRE(good.Report(Opens(1, 1)) == 1u);

  FakeAgent bad(f.address);
  Code expected = Code::kInvalidArgument;
  SECTION("a batch before the hello") { bad.Send(RequestOf(Opens(1, 1))); }
  SECTION("nothing in the request") { bad.Send({}); }
  SECTION("a hello without a name") { bad.Hello("", 1); }
  SECTION("a second hello") {
    bad.Hello("bad", 1);
    bad.Hello("bad", 1);
  }
  SECTION("a gap between batches") {
    bad.Hello("bad", 1);
    REQUIRE(bad.Report(Opens(1, 1)) == 1u);
    bad.Send(RequestOf(Opens(3, 1)));
  }
  SECTION("a process that is not there") {
    bad.Hello("bad", 1);
    v1::Batch batch = Opens(1, 1);
    batch.clear_processes();
    bad.Send(RequestOf(batch));
  }
  SECTION("a batch that is too large") {
    bad.Hello("bad", 1);
    v1::Batch batch = Opens(1, 1);
    const size_t bytes = GENERATE(4'194'304, 20'000'000);
    batch.mutable_events(0)->set_syscall(std::string(bytes, 'x'));
    bad.Send(RequestOf(batch));
    expected = Code::kResourceExhausted;
  }
  CHECK(bad.AwaitEnd().code() == expected);

  CHECK(good.Report(Opens(2, 1)) == 2u);
  CHECK(good.Goodbye().ok());
}

TEST_CASE("an agent's new stream displaces the one it left behind",
          "[analyzer][ingest]") {
  Fixture f;
  FakeAgent old_stream(f.address);
  old_stream.Hello("agent", 1);
  REQUIRE(old_stream.Report(Opens(1, 1)) == 1u);
  FakeAgent new_stream(f.address);
  CHECK(new_stream.Hello("agent", 1) == 1u);
  CHECK(old_stream.AwaitEnd().code() == Code::kCancelled);
  CHECK(new_stream.Report(Opens(2, 1)) == 2u);
}

TEST_CASE("an agent that comes back without a goodbye has lost something",
          "[analyzer][ingest]") {
  Fixture f;
  {
    FakeAgent agent(f.address);
    agent.Hello("agent", 1);
    REQUIRE(agent.Report(Opens(1, 1)) == 1u);
  }
  for (int i = 0; i < 2; ++i) {  // the second time is no new life
    FakeAgent agent(f.address);
    CHECK(agent.Hello("agent", 2) == 0u);
  }
  const v1::ListEventsResponse events = f.Events();
  REQUIRE(events.events_size() == 2);
  const v1::EventRecord& lost = events.events(1);
  CHECK(lost.epoch() == 2);
  CHECK(lost.event().loss().reason() == v1::Loss::REASON_AGENT_DIED);
  CHECK(lost.event().loss().since_ns() == kSecond);
  CHECK(f.OnlyAgent().unclean_ends() == 1);
  CHECK(f.OnlyAgent().lost() == 1);
}

TEST_CASE("an agent that said goodbye has lost nothing", "[analyzer][ingest]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  REQUIRE(agent.Report(Opens(1, 1)) == 1u);
  REQUIRE(agent.Goodbye().ok());
  FakeAgent again(f.address);
  CHECK(again.Hello("agent", 2) == 0u);
  CHECK(f.StoredSequences() == Numbers{1});
  CHECK(f.OnlyAgent().unclean_ends() == 0);
}

TEST_CASE("an agent goes on when the store has lost what it acknowledged",
          "[analyzer][ingest]") {
  Fixture f;
  FakeAgent agent(f.address);
  REQUIRE(agent.Hello("agent", 1) == 0u);
  CHECK(agent.Report(Opens(501, 2)) == 502u);
  CHECK(f.StoredSequences() == Numbers{501, 502, 500});
  CHECK(f.OnlyAgent().lost() == 500);
}

TEST_CASE("a fired rule becomes one alert that counts its repeats",
          "[analyzer][alerts]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  REQUIRE(agent.Report(Opens(1, 3, "/etc/shadow")) == 3u);
  REQUIRE(agent.Report(Opens(4, 1, "/etc/hosts")) == 4u);
  const v1::ListAlertsResponse alerts = f.Alerts();
  REQUIRE(alerts.alerts_size() == 1);
  const v1::Alert& alert = alerts.alerts(0);
  CHECK(alert.rule() == "Shadow read");
  CHECK(alert.severity() == v1::SEVERITY_WARNING);
  CHECK(alert.count() == 3);
  CHECK(alert.event().event().sequence() == 1);
  CHECK(alert.event().ancestors_size() == 1);

  Context context;
  v1::GetAlertRequest request;
  request.set_id(alert.id());
  v1::GetAlertResponse response;
  REQUIRE(f.query->GetAlert(&context, request, &response).ok());
  CHECK(response.alert().id() == alert.id());
  CHECK(response.around_size() == 4);
  CHECK(response.around(3).event().sequence() == 4);
  CHECK(response.rule().name() == "Shadow read");
}

TEST_CASE("rules are listed, with how often they fired", "[analyzer][rules]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  REQUIRE(agent.Report(Opens(1, 3, "/etc/shadow")) == 3u);
  Context list_context;
  v1::ListRulesResponse rules;
  REQUIRE(f.query->ListRules(&list_context, {}, &rules).ok());
  CHECK(rules.rules_size() == 1);
  Context context;
  v1::GetRuleRequest request;
  request.set_name("Shadow read");
  v1::GetRuleResponse rule;
  REQUIRE(f.query->GetRule(&context, request, &rule).ok());
  CHECK(rule.fired() == 3);
}

TEST_CASE("what is not there is not found", "[analyzer][query]") {
  Fixture f;
  Context c1, c2, c3;
  v1::GetAlertResponse alert;
  CHECK(f.query->GetAlert(&c1, {}, &alert).error_code() ==
        grpc::StatusCode::NOT_FOUND);
  v1::GetRuleResponse rule;
  CHECK(f.query->GetRule(&c2, {}, &rule).error_code() ==
        grpc::StatusCode::NOT_FOUND);
  v1::GetProcessTreeResponse tree;
  CHECK(f.query->GetProcessTree(&c3, {}, &tree).error_code() ==
        grpc::StatusCode::NOT_FOUND);
}

TEST_CASE("events come page by page, each once", "[analyzer][query]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  REQUIRE(agent.Report(Opens(1, 10)) == 10u);
  const uint32_t page_size = GENERATE(1, 3, 5, 10, 1000);
  v1::ListEventsRequest request;
  request.set_page_size(page_size);
  Numbers seen;
  size_t pages = 0;
  do {
    const v1::ListEventsResponse page = f.Events(request);
    CHECK(page.events_size() > 0);
    for (const auto& record : page.events()) {
      seen.push_back(record.event().sequence());
    }
    request.set_page_token(page.next_page_token());
    REQUIRE(++pages <= 10);
  } while (!request.page_token().empty());
  CHECK(seen == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(pages == (10 + page_size - 1) / page_size);
}

TEST_CASE("alerts come page by page, each once", "[analyzer][query]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  v1::Batch batch = Opens(1, 5, "/etc/shadow");
  for (int i = 0; i < 5; ++i) {  // too far apart to be repeats
    batch.mutable_events(i)->set_time_ns(10'000 * kSecond * (i + 1ull));
  }
  REQUIRE(agent.Report(batch) == 5u);
  v1::ListAlertsRequest request;
  request.set_page_size(2);
  std::vector<int> sizes;
  do {
    const v1::ListAlertsResponse page = f.Alerts(request);
    sizes.push_back(page.alerts_size());
    request.set_page_token(page.next_page_token());
    REQUIRE(sizes.size() <= 5);
  } while (!request.page_token().empty());
  CHECK(sizes == std::vector<int>{2, 2, 1});
}

TEST_CASE("a page of huge events fits a default message", "[analyzer][query]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  for (uint64_t i = 1; i <= 12; ++i) {
    v1::Batch batch = Opens(i, 1);
    batch.mutable_processes(1)->add_arguments(std::string(500'000, 'x'));
    REQUIRE(agent.Report(batch) == i);
  }
  v1::ListEventsRequest request;
  int events = 0;
  do {
    const v1::ListEventsResponse page = f.Events(request);
    events += page.events_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  CHECK(events == 12);
}

TEST_CASE("a list request that makes no sense is refused",
          "[analyzer][query]") {
  Fixture f;
  v1::ListEventsRequest request;
  SECTION("a token of another list") { request.set_page_token("a.1.2"); }
  SECTION("a kind that does not exist") {
    request.mutable_filter()->add_kinds("nonsense");
  }
  SECTION("a condition that does not parse") {
    request.mutable_filter()->set_where("fd.name = ((");
  }
  CHECK(f.EventsError(request) == Code::kInvalidArgument);
}

TEST_CASE("lists are filtered by conditions", "[analyzer][query]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  REQUIRE(agent.Report(Opens(1, 2)) == 2u);
  REQUIRE(agent.Report(Opens(3, 1, "/etc/shadow")) == 3u);
  v1::ListEventsRequest events;
  events.mutable_filter()->set_where("fd.name = /etc/shadow");
  CHECK(f.Events(events).events_size() == 1);
  v1::ListAlertsRequest alerts;
  alerts.mutable_filter()->set_where("fd.name = /etc/hosts");
  CHECK(f.Alerts(alerts).alerts_size() == 0);
  alerts.mutable_filter()->set_where("fd.name = /etc/shadow");
  CHECK(f.Alerts(alerts).alerts_size() == 1);
  alerts.mutable_filter()->set_at_least(v1::SEVERITY_CRITICAL);
  CHECK(f.Alerts(alerts).alerts_size() == 0);
}

TEST_CASE("a watch gets what is new and wanted, soon", "[analyzer][watch]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  REQUIRE(agent.Report(Opens(1, 1)) == 1u);
  Context alert_context, event_context;
  const auto alerts = f.query->WatchAlerts(&alert_context, {});
  v1::WatchEventsRequest wanted;
  wanted.mutable_filter()->set_where("fd.name = /etc/shadow");
  const auto events = f.query->WatchEvents(&event_context, wanted);
  alerts->WaitForInitialMetadata();
  events->WaitForInitialMetadata();

  const absl::Time start = absl::Now();
  REQUIRE(agent.Report(Opens(2, 1)) == 2u);
  REQUIRE(agent.Report(Opens(3, 2, "/etc/shadow")) == 4u);
  v1::Alert alert;
  REQUIRE(alerts->Read(&alert));
  CHECK(alert.rule() == "Shadow read");
  v1::EventRecord record;
  REQUIRE(events->Read(&record));
  CHECK(record.event().sequence() == 3);
  // Far below what polling would take, far above what a busy machine needs.
  CHECK(absl::Now() - start < absl::Seconds(2));
}

TEST_CASE("shutting down ends idle watches and streams at once",
          "[analyzer][lifetime]") {
  Fixture f;
  FakeAgent agent(f.address);
  agent.Hello("agent", 1);
  Context context;
  const auto watch = f.query->WatchAlerts(&context, {});
  watch->WaitForInitialMetadata();
  const absl::Time start = absl::Now();
  f.analyzer->Shutdown(absl::Seconds(30));
  CHECK(absl::Now() - start < absl::Seconds(5));
  v1::Alert alert;
  CHECK_FALSE(watch->Read(&alert));
  CHECK(watch->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK_FALSE(agent.AwaitEnd().ok());
}

TEST_CASE("a damaged store does not keep the analyzer from serving",
          "[analyzer][store]") {
  Fixture f;
  {
    FakeAgent agent(f.address);
    agent.Hello("agent", 1);
    REQUIRE(agent.Report(Opens(1, 1)) == 1u);
  }
  f.analyzer.reset();
  for (const auto& file :
       std::filesystem::directory_iterator(f.directory.path() + "/store")) {
    if (file.path().extension() != ".db") continue;
    std::ofstream(file.path()) << std::string(9000, 'x');
  }
  f.Restart();
  FakeAgent agent(f.address);
  REQUIRE(agent.Hello("agent", 1) == 0u);
  CHECK(agent.Report(Opens(2, 1)) == 2u);
  CHECK(f.OnlyAgent().last_sequence() == 2);
}

TEST_CASE("the health service says that it serves", "[analyzer][health]") {
  Fixture f;
  grpc::GenericStub stub(
      grpc::CreateChannel(f.address, grpc::InsecureChannelCredentials()));
  Context context;
  grpc::CompletionQueue queue;
  const grpc::Slice empty;
  const grpc::ByteBuffer request(&empty, 1);
  const auto call = stub.PrepareUnaryCall(
      &context, "/grpc.health.v1.Health/Check", request, &queue);
  grpc::ByteBuffer response;
  grpc::Status status;
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag;
  bool ok;
  REQUIRE(queue.Next(&tag, &ok));
  REQUIRE(status.ok());
  grpc::Slice bytes;
  REQUIRE(response.DumpToSingleSlice(&bytes).ok());
  // HealthCheckResponse{status: SERVING}
  CHECK(std::string(bytes.begin(), bytes.end()) == "\x08\x01");
}

TEST_CASE("an address that others can reach needs TLS or --insecure-plaintext",
          "[analyzer][lifetime]") {
  TempDirectory directory;
  AnalyzerOptions options;
  options.listen = {"0.0.0.0:0"};
  options.store_directory = directory.path();
  options.channel.insecure_plaintext = GENERATE(false, true);
  const bool insecure = options.channel.insecure_plaintext;
  const auto started = Analyzer::Start(std::move(options));
  CHECK(started.ok() == insecure);
  if (!insecure) CHECK(absl::IsInvalidArgument(started.status()));
}

TEST_CASE("a free port is picked, and a taken one is an error",
          "[analyzer][lifetime]") {
  TempDirectory first, second;
  AnalyzerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.store_directory = first.path();
  const auto analyzer = Analyzer::Start(std::move(options));
  REQUIRE(analyzer.ok());
  const std::string taken = (*analyzer)->addresses()[0];
  CHECK(taken != "127.0.0.1:0");
  AnalyzerOptions again;
  again.listen = {taken};
  again.store_directory = second.path();
  CHECK(absl::IsUnavailable(Analyzer::Start(std::move(again)).status()));
}

TEST_CASE("two analyzers cannot share a store", "[analyzer][lifetime]") {
  Fixture f;
  AnalyzerOptions options = f.Options();
  options.listen = {"127.0.0.1:0"};
  CHECK(
      absl::IsFailedPrecondition(Analyzer::Start(std::move(options)).status()));
}

}  // namespace gatewatch::analyzer
