#include "analyzer/agent_registry.h"

#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

struct Fixture {
  TempDirectory directory;
  uint64_t now = 100 * kSecond;
  std::unique_ptr<AgentRegistry> registry = Open();

  std::unique_ptr<AgentRegistry> Open() {
    auto opened = AgentRegistry::Open(directory.path(), [this] { return now; });
    REQUIRE(opened.ok());
    return *std::move(opened);
  }
  void Reopen() {
    registry.reset();
    registry = Open();
  }
  void Connect(uint64_t epoch) {
    v1::Hello hello;
    hello.set_agent_id("agent");
    hello.set_epoch(epoch);
    REQUIRE(registry->Connect(hello, 0).ok());
  }
};

const std::string kAgent = "agent";

}  // namespace

TEST_CASE("an agent is remembered over a restart of the analyzer",
          "[analyzer][agents]") {
  Fixture f;
  f.Connect(1);
  const v1::Batch batch = Opens(1, 3);
  REQUIRE(f.registry->NoteStored(ReportOf(batch, kAgent)).ok());
  CHECK(f.registry->List()[0].connected());
  f.Reopen();
  REQUIRE(f.registry->List().size() == 1);
  const v1::Agent agent = f.registry->List()[0];
  CHECK_FALSE(agent.connected());
  CHECK(agent.last_sequence() == 3);
  CHECK(agent.last_event_ns() == 3 * kSecond);
  CHECK(agent.last_seen_ns() == 100 * kSecond);
}

TEST_CASE("a life that ends without a goodbye is counted",
          "[analyzer][agents]") {
  Fixture f;
  f.Connect(1);
  f.registry->Disconnect("agent");
  f.Connect(1);  // the same life comes back
  CHECK(f.registry->List()[0].unclean_ends() == 0);
  f.Connect(2);
  CHECK(f.registry->List()[0].unclean_ends() == 1);
  REQUIRE(f.registry->NoteGoodbye("agent").ok());
  f.Reopen();
  f.Connect(3);
  CHECK(f.registry->List()[0].unclean_ends() == 1);
}

TEST_CASE("an agent that stays away without a goodbye is silent, once",
          "[analyzer][agents]") {
  constexpr absl::Duration kPatience = absl::Seconds(60);
  Fixture f;
  f.Connect(1);
  f.now += 100 * kSecond;
  CHECK(f.registry->TakeSilent(kPatience).empty());  // it is connected
  f.registry->Disconnect(kAgent);
  f.now += 59 * kSecond;
  CHECK(f.registry->TakeSilent(kPatience).empty());
  f.now += kSecond;
  const auto silent = f.registry->TakeSilent(kPatience);
  REQUIRE(silent.size() == 1);
  CHECK(silent[0].agent_id() == kAgent);
  CHECK(f.registry->TakeSilent(kPatience).empty());
}

TEST_CASE("an agent that comes back or says goodbye is not silent",
          "[analyzer][agents]") {
  Fixture f;
  f.Connect(1);
  f.registry->Disconnect(kAgent);
  f.Connect(1);
  f.now += 100 * kSecond;
  CHECK(f.registry->TakeSilent(absl::ZeroDuration()).empty());
  REQUIRE(f.registry->NoteGoodbye(kAgent).ok());
  f.registry->Disconnect(kAgent);
  CHECK(f.registry->TakeSilent(absl::ZeroDuration()).empty());
}

TEST_CASE("losses add up over an agent's lives", "[analyzer][agents]") {
  Fixture f;
  f.Connect(1);
  v1::Batch batch = Opens(1, 2);
  v1::Loss& known = *batch.mutable_events(0)->mutable_loss();
  known.add_counts()->set_count(5);
  known.add_counts()->set_count(2);
  batch.mutable_events(1)->mutable_loss()->add_counts();  // number unknown
  REQUIRE(f.registry->NoteStored(ReportOf(batch, kAgent)).ok());
  f.Connect(2);
  CHECK(f.registry->List()[0].lost() == 8);
}

TEST_CASE("what was throttled is counted apart from what was lost",
          "[analyzer][agents]") {
  Fixture f;
  f.Connect(1);
  v1::Batch batch = Opens(1, 2);
  v1::Loss& throttled = *batch.mutable_events(0)->mutable_loss();
  throttled.set_reason(v1::Loss::REASON_THROTTLED);
  throttled.add_counts()->set_count(40);
  v1::Loss& lost = *batch.mutable_events(1)->mutable_loss();
  lost.set_reason(v1::Loss::REASON_BUFFER_FULL);
  lost.add_counts()->set_count(3);
  REQUIRE(f.registry->NoteStored(ReportOf(batch, kAgent)).ok());
  CHECK(f.registry->List()[0].throttled() == 40);
  CHECK(f.registry->List()[0].lost() == 3);
}

TEST_CASE("an agent that was not heard for long is forgotten",
          "[analyzer][agents]") {
  Fixture f;
  f.Connect(1);
  f.now += 3600 * kSecond;
  REQUIRE(f.registry->Trim(absl::Minutes(30)).ok());
  CHECK(f.registry->List().size() == 1);  // connected
  f.registry->Disconnect("agent");
  REQUIRE(f.registry->Trim(absl::Minutes(30)).ok());
  CHECK(f.registry->List().empty());
  f.Reopen();
  CHECK(f.registry->List().empty());
}

}  // namespace gatewatch::analyzer
