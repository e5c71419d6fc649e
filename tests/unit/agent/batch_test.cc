#include "agent/batch.h"

#include "agent/process_tree.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

class Fixture {
 public:
  LineagePtr Process(pid_t pid, pid_t parent, size_t size = 10) {
    v1::Process process;
    process.set_container_id("host");
    process.set_name(std::string(size, 'x'));
    return tree_.Record({pid, 1}, {parent, 1}, process, 1);
  }
  void Add(const LineagePtr& process) {
    auto event = std::make_shared<EnrichedEvent>();
    event->event.mutable_process_exit();
    event->processes.push_back(process);
    slice_.events.push_back(std::move(event));
  }
  void AddWithoutActor(const std::string& container) {
    auto event = std::make_shared<EnrichedEvent>();
    event->event.set_container_id(container);
    slice_.events.push_back(std::move(event));
  }
  v1::Batch Make(size_t max_bytes) {
    slice_.first_sequence = 7;
    return MakeBatch(slice_, max_bytes, identity_);
  }

 private:
  ProcessTree tree_{{}};
  ContainerIdentity identity_{{.host_name = "host"}};
  EventBuffer::Slice slice_;
};

}  // namespace

TEST_CASE("a batch holds each process and ancestor once, and the containers",
          "[agent]") {
  Fixture fixture;
  fixture.Process(1, 0);
  const LineagePtr parent = fixture.Process(2, 1);
  const LineagePtr child = fixture.Process(3, 2);
  fixture.Add(child);
  fixture.Add(child);
  fixture.Add(parent);
  const v1::Batch batch = fixture.Make(1 << 20);
  CHECK(batch.processes_size() == 3);
  REQUIRE(batch.containers_size() == 1);
  CHECK(batch.containers(0).id() == "host");
  REQUIRE(batch.events_size() == 3);
  CHECK(batch.events(0).sequence() == 7);
  CHECK(batch.events(2).sequence() == 9);
}

TEST_CASE("a batch holds the container of an event without a process",
          "[agent]") {
  Fixture fixture;
  fixture.AddWithoutActor("host");
  fixture.AddWithoutActor("");
  const v1::Batch batch = fixture.Make(1 << 20);
  REQUIRE(batch.containers_size() == 1);
  CHECK(batch.containers(0).id() == "host");
}

TEST_CASE("a batch ends before it grows too large, but is never empty",
          "[agent]") {
  Fixture fixture;
  for (int pid = 1; pid <= 5; ++pid) fixture.Add(fixture.Process(pid, 0, 1000));
  CHECK(fixture.Make(3500).events_size() == 3);
  CHECK(fixture.Make(3500).ByteSizeLong() < 3500);
  CHECK(fixture.Make(1).events_size() == 1);
}

}  // namespace gatewatch::agent
