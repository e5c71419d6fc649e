#include "analyzer/access.h"

#include "absl/strings/match.h"
#include "catch2/catch.hpp"

namespace gatewatch::analyzer {
namespace {

constexpr char kAgent[] = "gatewatch://agent/web-1";
constexpr char kAnalyst[] = "gatewatch://analyst/alice";

}  // namespace

TEST_CASE("agents report and analysts query", "[analyzer][access]") {
  struct Row {
    const char* method;
    bool agent;
    bool analyst;
  };
  const Row rows[] = {
      {"/gatewatch.v1.IngestService/Report", true, false},
      {"/gatewatch.v1.QueryService/ListAgents", false, true},
      {"/gatewatch.v1.QueryService/WatchAlerts", false, true},
      {"/grpc.health.v1.Health/Check", true, true},
      {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", false,
       true},
      {"/gatewatch.v1.QueryServiceToo/ListAgents", false, false},
      {"/another.Service/Method", false, false},
      {"", false, false},
  };
  for (const Row& row : rows) {
    INFO(row.method);
    const absl::Status agent = CheckMethod({kAgent}, row.method);
    const absl::Status analyst = CheckMethod({kAnalyst}, row.method);
    CHECK(agent.ok() == row.agent);
    CHECK(analyst.ok() == row.analyst);
    CHECK((agent.ok() || absl::IsPermissionDenied(agent)));
    CHECK((analyst.ok() || absl::IsPermissionDenied(analyst)));
  }
}

TEST_CASE("who bears no name may call nothing", "[analyzer][access]") {
  for (const std::vector<std::string>& uris :
       std::vector<std::vector<std::string>>{
           {}, {"https://example.com/"}, {kAgent, kAnalyst}}) {
    CHECK(absl::IsUnauthenticated(
        CheckMethod(uris, "/grpc.health.v1.Health/Check")));
  }
}

TEST_CASE("an agent reports as itself alone, and is told how",
          "[analyzer][access]") {
  const auto peer = channel::ParsePeerName(kAgent);
  REQUIRE(peer.ok());
  CHECK(CheckAgentId(*peer, "web-1").ok());
  const absl::Status refused = CheckAgentId(*peer, "web-2");
  CHECK(absl::IsPermissionDenied(refused));
  for (const char* part : {kAgent, "web-2", "--agent-id"}) {
    CHECK(absl::StrContains(refused.message(), part));
  }
}

}  // namespace gatewatch::analyzer
