#include "agent/shipper.h"

#include "absl/strings/str_cat.h"
#include "agent/process_tree.h"
#include "base/log.h"
#include "catch2/catch.hpp"
#include "tests/fakes/ingest_server.h"

namespace gatewatch::agent {
namespace {

using testing::FakeIngestServer;

constexpr absl::Duration kPatience = absl::Seconds(10);

class Fixture {
 public:
  explicit Fixture(size_t buffer_bytes = 1 << 20) : buffer_(buffer_bytes) {
    SetLogLevel(LogLevel::kError);
  }

  void Connect(Shipper::Options options = {}) {
    options.address = *channel::ParseAddress(server.address());
    options.agent_id = "agent";
    options.epoch = 1;
    options.version = "0";
    options.counters = [] {
      v1::AgentCounters counters;
      counters.set_observed(42);
      return counters;
    };
    shipper_.emplace(std::move(options), buffer_, identity_);
  }

  // Appends events whose times are their sequence numbers.
  void Produce(int count) {
    std::vector<EnrichedEvent> events;
    for (int i = 0; i < count; ++i) {
      EnrichedEvent event;
      event.event.set_time_ns(++produced_);
      event.event.mutable_process()->set_key(process_->process->key());
      event.event.mutable_process()->set_revision(1);
      event.event.mutable_process_exit();
      event.processes.push_back(process_);
      events.push_back(std::move(event));
    }
    buffer_.Append(std::move(events));
  }

  // Everything produced is stored, once and in order.
  void CheckComplete() {
    const auto events = server.ExpectEvents(produced_);
    REQUIRE(events.size() == produced_);
    for (size_t i = 0; i < events.size(); ++i) {
      REQUIRE(events[i].sequence() == i + 1);
      REQUIRE(events[i].time_ns() == i + 1);
    }
    CHECK(server.violations() == std::vector<std::string>());
    CHECK(buffer_.AwaitEmpty(kPatience));
  }

  void Stop() {
    shipper_->Stop("test");
    shipper_.reset();
  }

  FakeIngestServer server;
  EventBuffer& buffer() { return buffer_; }

 private:
  ProcessTree tree_{{}};
  LineagePtr process_ = tree_.Record({1, 1}, {}, v1::Process(), 0);
  ContainerIdentity identity_{{.host_name = "machine"}};
  EventBuffer buffer_;
  uint64_t produced_ = 0;
  std::optional<Shipper> shipper_;
};

}  // namespace

TEST_CASE("events arrive once and in order, and a goodbye at the end",
          "[agent]") {
  Fixture fixture;
  fixture.server.Start();
  fixture.Connect();
  const v1::Hello hello = fixture.server.ExpectHellos(1).at(0);
  CHECK(hello.agent_id() == "agent");
  CHECK(hello.epoch() == 1);
  CHECK(hello.workload().host_name() == "machine");
  for (int i = 0; i < 20; ++i) fixture.Produce(100);
  fixture.CheckComplete();
  for (const v1::Batch& batch : fixture.server.batches()) {
    CHECK(batch.events_size() <= 500);
  }
  fixture.Stop();
  CHECK(fixture.server.ExpectGoodbye() == "test");
}

TEST_CASE("an analyzer that is absent at start gets everything when it comes",
          "[agent]") {
  Fixture fixture;
  fixture.Connect();
  fixture.Produce(1000);
  CHECK_FALSE(fixture.buffer().AwaitEmpty(absl::Milliseconds(300)));
  fixture.server.Start();
  fixture.CheckComplete();
}

TEST_CASE("a stream that ends anywhere loses nothing and repeats nothing",
          "[agent]") {
  using EndAt = FakeIngestServer::EndAt;
  const EndAt where = GENERATE(EndAt::kHello, EndAt::kWelcome, EndAt::kBatch,
                               EndAt::kStoredBatch, EndAt::kAck);
  Fixture fixture;
  fixture.server.EndStreams(where, 3);
  fixture.server.Start();
  fixture.Connect();
  for (int i = 0; i < 50; ++i) fixture.Produce(40);
  fixture.CheckComplete();
  CHECK(fixture.server.ExpectHellos(4).size() >= 4);
}

TEST_CASE("an analyzer that is restarted goes on with what it has", "[agent]") {
  Fixture fixture;
  fixture.server.Start();
  fixture.Connect();
  fixture.Produce(100);
  fixture.CheckComplete();
  fixture.server.Stop();
  fixture.Produce(100);
  fixture.server.Start();
  fixture.CheckComplete();
}

TEST_CASE("an analyzer that has lost its store is sent a new epoch",
          "[agent]") {
  Fixture fixture;
  fixture.server.Start();
  fixture.Connect();
  fixture.Produce(10);
  fixture.CheckComplete();
  fixture.server.Stop();
  fixture.server.Forget();
  fixture.Produce(5);
  fixture.server.Start();
  REQUIRE(fixture.buffer().AwaitEmpty(kPatience));
  const auto events = fixture.server.ExpectEvents(5);
  REQUIRE(events.size() == 5);
  CHECK(events[0].sequence() == 1);
  CHECK(events[0].time_ns() == 11);
  CHECK(fixture.server.ExpectHellos(3).back().epoch() > 1);
}

TEST_CASE("a connection on which nothing is acknowledged is given up",
          "[agent]") {
  Fixture fixture;
  fixture.server.HoldAcks();
  fixture.server.Start();
  fixture.Connect({.ack_timeout = absl::Milliseconds(100)});
  fixture.Produce(3);
  CHECK(fixture.server.ExpectHellos(2).size() >= 2);
  CHECK(fixture.server.violations() == std::vector<std::string>());
}

TEST_CASE("an idle connection carries the agent's counters", "[agent]") {
  Fixture fixture;
  fixture.server.Start();
  fixture.Connect({.heartbeat = absl::Milliseconds(10)});
  fixture.Produce(7);
  fixture.CheckComplete();
  const size_t before = fixture.server.ExpectHeartbeats(1).size();
  const auto heartbeats = fixture.server.ExpectHeartbeats(before + 2);
  REQUIRE(heartbeats.size() >= before + 2);
  const v1::AgentCounters& counters = heartbeats.back().counters();
  CHECK(counters.observed() == 42);
  CHECK(counters.sent() == 7);
  CHECK(counters.buffered_events() == 0);
}

TEST_CASE("what overflows while the analyzer is away arrives as a loss",
          "[agent]") {
  Fixture fixture(100'000);
  fixture.Connect();
  for (int i = 0; i < 100; ++i) fixture.Produce(100);
  const EventBuffer::Counters counters = fixture.buffer().counters();
  REQUIRE(counters.dropped > 0);
  fixture.server.Start();
  const auto events = fixture.server.ExpectEvents(counters.events + 1);
  REQUIRE(events.size() == counters.events + 1);
  CHECK(events.back().sequence() == counters.events + 1);
  CHECK(events.back().loss().counts(0).kind() == "exit");
  CHECK(events.back().loss().counts(0).count() == counters.dropped);
  CHECK(fixture.server.violations() == std::vector<std::string>());
}

TEST_CASE("with undelivered events there is no goodbye", "[agent]") {
  Fixture fixture;
  fixture.server.HoldAcks();
  fixture.server.Start();
  fixture.Connect();
  fixture.Produce(3);
  REQUIRE(fixture.server.ExpectEvents(3).size() == 3);
  fixture.Stop();
  fixture.server.Stop();
  CHECK_FALSE(fixture.server.said_goodbye());
}

TEST_CASE("stopping does not wait for an absent analyzer", "[agent]") {
  Fixture fixture;
  fixture.Connect();
  fixture.Produce(3);
  const absl::Time before = absl::Now();
  fixture.Stop();
  CHECK(absl::Now() - before < absl::Seconds(5));
}

}  // namespace gatewatch::agent
