#include "analyzer/batch_check.h"

#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {

TEST_CASE("a batch in order passes", "[analyzer][ingest]") {
  CHECK(CheckBatch(Opens(7, 3)).ok());
  CHECK(CheckBatch(v1::Batch()).ok());
}

TEST_CASE("sequence numbers are consecutive and count from one",
          "[analyzer][ingest]") {
  v1::Batch batch = Opens(1, 3);
  const uint64_t wrong = GENERATE(uint64_t{0}, 1, 2, 4, UINT64_MAX);
  batch.mutable_events(2)->set_sequence(wrong);
  CHECK(absl::IsInvalidArgument(CheckBatch(batch)));
  CHECK(absl::IsInvalidArgument(CheckBatch(Opens(0, 1))));
  CHECK(absl::IsInvalidArgument(CheckBatch(Opens(UINT64_MAX, 2))));
}

TEST_CASE("an event's process must be in its batch, in that state",
          "[analyzer][ingest]") {
  v1::Batch batch = Opens(1, 1);
  batch.mutable_events(0)->mutable_process()->set_revision(2);
  CHECK(absl::IsInvalidArgument(CheckBatch(batch)));
  batch.mutable_events(0)->clear_process();
  CHECK(CheckBatch(batch).ok());
}

TEST_CASE("what is too large is refused", "[analyzer][ingest]") {
  v1::Batch batch = Opens(1, 1);
  SECTION("an event") {
    batch.mutable_events(0)->set_syscall(std::string(kMaxEventBytes, 'x'));
    CHECK(absl::IsInvalidArgument(CheckBatch(batch)));
  }
  SECTION("a process") {
    batch.mutable_processes(0)->set_name(std::string(kMaxProcessBytes, 'x'));
    CHECK(absl::IsInvalidArgument(CheckBatch(batch)));
  }
  SECTION("a key") {
    batch.mutable_processes(0)->set_key(std::string(kMaxKeyBytes + 1, 'x'));
    CHECK(absl::IsInvalidArgument(CheckBatch(batch)));
  }
  SECTION("the whole") {
    for (int i = 0; i < 9; ++i) {
      v1::Process& process = *batch.add_processes();
      process.set_key("p");
      process.set_name(std::string(kMaxProcessBytes - 100, 'x'));
    }
    CHECK(absl::IsResourceExhausted(CheckBatch(batch)));
  }
}

TEST_CASE("a hello names the agent and its life", "[analyzer][ingest]") {
  v1::Hello hello;
  hello.set_agent_id("agent");
  hello.set_epoch(1);
  CHECK(CheckHello(hello).ok());
  SECTION("no epoch") { hello.set_epoch(0); }
  SECTION("no name") { hello.set_agent_id(""); }
  SECTION("a long name") { hello.set_agent_id(std::string(257, 'a')); }
  SECTION("an epoch that is no time") { hello.set_epoch(UINT64_MAX); }
  SECTION("a huge workload") {
    hello.mutable_workload()->set_pod(std::string(kMaxHelloBytes, 'x'));
  }
  CHECK(absl::IsInvalidArgument(CheckHello(hello)));
}

}  // namespace gatewatch::analyzer
