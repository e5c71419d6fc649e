#include "agent/task_metadata.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

constexpr char kTask[] = R"({
  "Cluster": "prod",
  "TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/prod/0123456789abcdef",
  "Family": "web", "Revision": "7", "ServiceName": "shop",
  "LaunchType": "FARGATE", "AvailabilityZone": "eu-west-1a",
  "Limits": {"CPU": 0.25},
  "Containers": [
    {"DockerId": "cd189a933e5849daa93386466019ab50-2495160603",
     "Name": "app", "Image": "111122223333.dkr.ecr/app:1",
     "ImageID": "sha256:25f3695bedfb454a50f12d127839a68ad3caf91e451c1da073db34c542c4d2cb",
     "StartedAt": "2023-07-21T15:45:44.954460255Z"},
    {"Name": "has no id"}, 7]})";

std::string Token(const std::string& claims) {
  return absl::StrCat("e30.", absl::WebSafeBase64Escape(claims), ".c2ln");
}

}  // namespace

TEST_CASE("the task's metadata name the task and its containers", "[agent]") {
  const auto metadata = ParseTaskMetadata(kTask);
  REQUIRE(metadata.ok());
  const v1::Workload& workload = metadata->workload;
  CHECK(workload.cluster() == "prod");
  CHECK(workload.task_family() == "web");
  CHECK(workload.task_revision() == "7");
  CHECK(workload.service() == "shop");
  CHECK(workload.launch_type() == "FARGATE");
  CHECK(workload.region() == "eu-west-1");
  CHECK(workload.availability_zone() == "eu-west-1a");
  REQUIRE(metadata->containers.size() == 1);
  const v1::Container& app = metadata->containers[0];
  CHECK(app.id() == "cd189a933e5849daa93386466019ab50-2495160603");
  CHECK(app.name() == "app");
  CHECK(app.image() == "111122223333.dkr.ecr/app:1");
  CHECK(app.image_digest().substr(0, 9) == "sha256:25");
  CHECK(app.start_time_ns() == 1689954344954460255);
}

TEST_CASE("metadata of the wrong form are refused or left empty", "[agent]") {
  for (const char* bad :
       {"", "{", "[]", "null", "{}", R"({"TaskARN": 7})", "\xff"}) {
    CHECK(ParseTaskMetadata(bad).status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
  const auto odd =
      ParseTaskMetadata(R"({"TaskARN":"x","Family":[1],"Containers":{"a":1}})");
  REQUIRE(odd.ok());
  CHECK(odd->workload.region().empty());
  CHECK(odd->workload.task_family().empty());
  CHECK(odd->containers.empty());
}

TEST_CASE("the number of containers in metadata is bounded", "[agent]") {
  std::string many = R"({"TaskARN":"x","Containers":[)";
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&many, i ? "," : "", R"({"DockerId":"c)", i, "\"}");
  }
  const auto metadata = ParseTaskMetadata(many + "]}");
  REQUIRE(metadata.ok());
  CHECK(metadata->containers.size() == 64);
}

TEST_CASE("a token names its service account", "[agent]") {
  CHECK(ServiceAccountFromToken(
            Token(R"({"sub":"system:serviceaccount:shop:web"})")) == "web");
  CHECK(ServiceAccountFromToken(Token(R"({"sub":"somebody"})")).empty());
  CHECK(ServiceAccountFromToken(Token("[]")).empty());
  CHECK(ServiceAccountFromToken("").empty());
  CHECK(ServiceAccountFromToken("a.b.c").empty());
  CHECK(ServiceAccountFromToken("..").empty());
}

}  // namespace gatewatch::agent
