#include "agent/container_identity.h"

#include "absl/strings/str_cat.h"
#include "agent/http_get.h"
#include "catch2/catch.hpp"
#include "tests/fakes/http_server.h"

namespace gatewatch::agent {
namespace {

using testing::FakeHttpServer;

const std::string kApp = "0123456789abcdef0123456789abcdef-77";
constexpr absl::Duration kPatience = absl::Seconds(10);

std::string Task() {
  return absl::StrCat(
      R"({"TaskARN":"arn:aws:ecs:eu-west-1:1:task/c/t","Containers":[)"
      R"({"DockerId":")",
      kApp, R"(","Name":"app","Image":"app:1"}]})");
}

}  // namespace

TEST_CASE("without an orchestrator a process is in its cgroup or on the host",
          "[agent]") {
  ContainerIdentity identity({.host_name = "machine"});
  const std::string id(64, 'a');
  CHECK(identity.AgentId() == "machine");
  CHECK(identity.ContainerOf("0::/user.slice") == "machine");
  CHECK(identity.ContainerOf("0::/docker/" + id) == id);
  CHECK(identity.Find(id).id() == id);
  CHECK(identity.workload().host_name() == "machine");
}

TEST_CASE("a pod is named by what its environment says", "[agent]") {
  ContainerIdentity identity({.pod_name = "web-1",
                              .pod_namespace = "shop",
                              .node_name = "node-9",
                              .service_account = "web"});
  CHECK(identity.AgentId() == "pod/shop/web-1");
  const v1::Workload workload = identity.workload();
  CHECK(workload.pod() == "web-1");
  CHECK(workload.namespace_() == "shop");
  CHECK(workload.node() == "node-9");
  CHECK(workload.service_account() == "web");
  CHECK_FALSE(workload.host_name().empty());
}

TEST_CASE("an ECS task's processes get their container's name and image",
          "[agent]") {
  FakeHttpServer server;
  server.Answer(200, Task());
  ContainerIdentity identity(
      {.ecs_metadata_uri = server.url() + "/v4/" + kApp});
  CHECK(identity.AgentId() == "ecs/" + kApp);
  identity.AwaitFirstAnswer(kPatience);
  CHECK(server.requests()[0] == "/v4/" + kApp + "/task");
  CHECK(identity.ContainerOf("1:cpu:/ecs/t/" + kApp) == kApp);
  CHECK(identity.Find(kApp).name() == "app");
  CHECK(identity.workload().task_arn() == "arn:aws:ecs:eu-west-1:1:task/c/t");
  CHECK(identity.version() == 1);
}

TEST_CASE("a metadata endpoint that fails at first is asked again", "[agent]") {
  FakeHttpServer server;
  server.Answer(500, "");
  ContainerIdentity identity({.ecs_metadata_uri = server.url()});
  identity.AwaitFirstAnswer(absl::Milliseconds(1));
  CHECK(identity.version() == 0);
  CHECK(identity.Find(kApp).name().empty());
  server.Answer(200, Task());
  identity.AwaitFirstAnswer(kPatience);
  CHECK(identity.version() == 1);
  CHECK(identity.Find(kApp).name() == "app");
}

TEST_CASE("a web answer is bounded, and anything but 200 is no answer",
          "[agent]") {
  FakeHttpServer server;
  server.Answer(200, "body");
  const auto body = HttpGet(server.url(), kPatience, 4);
  REQUIRE(body.ok());
  CHECK(*body == "body");
  CHECK(HttpGet(server.url(), kPatience, 3).status().code() ==
        absl::StatusCode::kResourceExhausted);
  server.Answer(302, "");
  CHECK(HttpGet(server.url(), kPatience, 4).status().code() ==
        absl::StatusCode::kUnavailable);
  CHECK(HttpGet("file:///etc/hostname", kPatience, 400).status().code() ==
        absl::StatusCode::kUnavailable);
}

}  // namespace gatewatch::agent
