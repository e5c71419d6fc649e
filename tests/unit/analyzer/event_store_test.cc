#include "analyzer/event_store.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

using Numbers = std::vector<uint64_t>;

// A store whose time of arrival a test sets.
struct Fixture {
  TempDirectory directory;
  uint64_t now = 1'000'000 * kSecond;
  uint64_t max_bytes = 0;
  uint64_t max_events = 500'000;
  std::unique_ptr<EventStore> store = Open();

  std::unique_ptr<EventStore> Open() {
    auto opened = EventStore::Open({.directory = directory.path(),
                                    .retention = absl::Hours(2),
                                    .max_bytes = max_bytes,
                                    .partition_span = absl::Hours(1),
                                    .max_partition_events = max_events,
                                    .now = [this] { return now; }});
    REQUIRE(opened.ok());
    return *std::move(opened);
  }
  void Reopen() {
    store.reset();
    store = Open();
  }
  void Append(const v1::Batch& batch) {
    REQUIRE(store->Append(ReportOf(batch, agent, 1)).ok());
  }
  void PassHours(uint64_t hours) { now += hours * 3600 * kSecond; }
  std::vector<std::string> Partitions() {
    std::vector<std::string> files = directory.Files("events-");
    std::erase_if(
        files, [](const std::string& name) { return !name.ends_with(".db"); });
    return files;
  }
  void Damage(const std::string& file) {
    const std::string path = directory.path() + "/" + file;
    std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
    bytes << std::string(8192, 'x');
  }
  const std::string agent = "agent";
};

}  // namespace

TEST_CASE("what was appended is there after the store is opened again",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 3));
  f.Reopen();
  CHECK(Sequences(f.store->Scan({})) == Numbers{1, 2, 3});
  CHECK(f.store->ProgressOf("agent", 1)->last_sequence == 3);
  CHECK_FALSE(f.store->ProgressOf("agent", 2)->known);
}

TEST_CASE("an event that is appended twice is stored once",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 3));
  f.Append(Opens(2, 3));
  CHECK(Sequences(f.store->Scan({})) == Numbers{1, 2, 3, 4});
}

TEST_CASE("a stored event comes back with its surroundings",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 1, "/etc/passwd"));
  EventScan scan = f.store->Scan({});
  REQUIRE(*scan.Next());
  const v1::EventRecord record = *scan.Record();
  CHECK(record.agent_id() == "agent");
  CHECK(record.epoch() == 1);
  CHECK(record.event().file_open().file().path() == "/etc/passwd");
  CHECK(record.process().executable().path() == "/bin/cat");
  REQUIRE(record.ancestors_size() == 1);
  CHECK(record.ancestors(0).executable().path() == "/bin/sh");
  CHECK(record.container().id() == "web");
}

TEST_CASE("an event without a process comes back with its container",
          "[analyzer][store]") {
  Fixture f;
  v1::Batch batch = Opens(1, 1);
  batch.mutable_events(0)->clear_process();
  batch.mutable_events(0)->set_container_id("web");
  f.Append(batch);
  EventScan scan = f.store->Scan({});
  REQUIRE(*scan.Next());
  CHECK_FALSE(scan.Record()->has_process());
  CHECK(scan.Record()->container().id() == "web");
  const std::string agent = "agent";
  const Report report = ReportOf(batch, agent);
  ReportView view(report);
  REQUIRE(view.Of(batch.events(0)).container != nullptr);
  CHECK(view.Of(batch.events(0)).container->id() == "web");
}

TEST_CASE("events are ordered by their time, whenever they arrived",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(4, 2));
  f.PassHours(1);
  f.Append(Opens(1, 2));
  f.Append(Opens(6, 1));
  f.PassHours(1);
  f.Append(Opens(3, 1));
  CHECK(f.Partitions().size() == 3);
  CHECK(Sequences(f.store->Scan({})) == Numbers{1, 2, 3, 4, 5, 6});
  CHECK(Sequences(f.store->Scan({.newest_first = true})) ==
        Numbers{6, 5, 4, 3, 2, 1});
}

TEST_CASE("a scan goes on behind any position, forwards and backwards",
          "[analyzer][store]") {
  Fixture f;
  const bool newest_first = GENERATE(false, true);
  // All at the same time, in two partitions, so that only the place in the
  // store orders them.
  v1::Batch batch = Opens(1, 6);
  for (v1::Event& event : *batch.mutable_events()) event.set_time_ns(kSecond);
  v1::Batch later = batch;
  batch.mutable_events()->DeleteSubrange(3, 3);
  later.mutable_events()->DeleteSubrange(0, 3);
  f.Append(batch);
  f.PassHours(1);
  f.Append(later);

  Numbers seen;
  std::optional<EventPosition> after;
  while (true) {
    EventScan scan =
        f.store->Scan({.after = after, .newest_first = newest_first});
    if (!*scan.Next()) break;
    seen.push_back(scan.Record()->event().sequence());
    after = scan.position();
    REQUIRE(seen.size() <= 6);
  }
  CHECK(seen ==
        (newest_first ? Numbers{6, 5, 4, 3, 2, 1} : Numbers{1, 2, 3, 4, 5, 6}));
}

TEST_CASE("a scan keeps to its span, kinds and process", "[analyzer][store]") {
  Fixture f;
  v1::Batch batch = Opens(1, 4);
  batch.mutable_events(1)->mutable_process_exit();
  batch.mutable_events(2)->mutable_process()->set_key("proc-0");
  f.Append(batch);
  CHECK(Sequences(f.store->Scan({.since_ns = 2 * kSecond,
                                 .until_ns = 4 * kSecond})) == Numbers{2, 3});
  CHECK(Sequences(f.store->Scan({.kinds = {"exit", "connect"}})) == Numbers{2});
  CHECK(Sequences(f.store->Scan({.process_key = "proc-0"})) == Numbers{3});
  CHECK(Sequences(f.store->Scan(
            {.kinds = {"open"}, .process_key = "proc-1"})) == Numbers{1, 4});
}

TEST_CASE("a time beyond what the store can hold does no harm",
          "[analyzer][store]") {
  Fixture f;
  v1::Batch batch = Opens(1, 2);
  batch.mutable_events(1)->set_time_ns(UINT64_MAX);
  f.Append(batch);
  CHECK(Sequences(f.store->Scan({})) == Numbers{1, 2});
  CHECK(Sequences(f.store->Scan({.until_ns = UINT64_MAX})) == Numbers{1, 2});
}

TEST_CASE("a partition that is too old is deleted with all its files",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 1));
  f.PassHours(2);
  f.Append(Opens(2, 1));
  REQUIRE(f.Partitions().size() == 2);
  f.PassHours(1);
  f.store->Trim();
  CHECK(f.Partitions().size() == 1);
  CHECK(f.store->deleted().partitions_by_age == 1);
  CHECK(f.store->deleted().events == 1);
  CHECK(Sequences(f.store->Scan({})) == Numbers{2});
  f.PassHours(10);
  f.store->Trim();
  CHECK(f.directory.Files("events-").empty());
  f.Append(Opens(3, 1));
  CHECK(Sequences(f.store->Scan({})) == Numbers{3});
}

TEST_CASE("beyond the store's limit the oldest partitions are deleted",
          "[analyzer][store]") {
  Fixture f;
  constexpr uint64_t kLimit = 2'000'000;
  f.max_bytes = kLimit;
  f.Reopen();
  const std::string path(2000, 'p');
  for (uint64_t i = 0; i < 40; ++i) f.Append(Opens(i * 50 + 1, 50, path));
  REQUIRE(f.Partitions().size() > 10);  // long before the span is over
  f.store->Trim();
  uint64_t bytes = 0;
  for (const auto& partition : f.store->partitions()) {
    bytes += partition->bytes();
  }
  CHECK(bytes <= kLimit);
  CHECK(bytes > kLimit / 2);
  const Numbers left = Sequences(f.store->Scan({}));
  CHECK(left.back() == 2000);
  CHECK(left.size() == 2000 - left.front() + 1);
  CHECK(f.store->deleted().partitions_by_size > 0);
  CHECK(f.store->deleted().partitions_by_age == 0);
  CHECK(f.store->deleted().events == left.front() - 1);
}

TEST_CASE("a partition with as many events as it may have is followed by one",
          "[analyzer][store]") {
  Fixture f;
  f.max_events = 100;
  f.Reopen();
  for (uint64_t i = 0; i < 5; ++i) f.Append(Opens(i * 50 + 1, 50));
  CHECK(f.Partitions().size() == 3);
  f.Reopen();
  f.Append(Opens(251, 50));
  CHECK(f.Partitions().size() == 3);
  CHECK(Sequences(f.store->Scan({})).size() == 300);
}

TEST_CASE("a scan keeps the partition that it reads when it is deleted",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 2));
  {
    EventScan scan = f.store->Scan({});
    REQUIRE(*scan.Next());
    f.PassHours(10);
    f.store->Trim();
    CHECK(Sequences(f.store->Scan({})).empty());
    CHECK(*scan.Next());
    CHECK(scan.Record()->event().sequence() == 2);
  }
  CHECK(f.directory.Files("events-").empty());
}

TEST_CASE("a partition found damaged at the start is set aside",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 1));
  f.PassHours(1);
  f.Append(Opens(2, 1));
  f.store.reset();
  f.Damage(f.Partitions()[0]);
  f.store = f.Open();
  CHECK(Sequences(f.store->Scan({})) == Numbers{2});
  CHECK(f.directory.Files(".damaged").size() >= 1);
  f.Append(Opens(3, 1));
  CHECK(Sequences(f.store->Scan({})) == Numbers{2, 3});
}

TEST_CASE("a partition damaged while it is served is set aside",
          "[analyzer][store]") {
  Fixture f;
  f.Append(Opens(1, 1));
  f.PassHours(1);
  f.Append(Opens(2, 1));
  f.Damage(f.Partitions()[0]);
  CHECK(Sequences(f.store->Scan({})) == Numbers{2});
  f.PassHours(1);
  f.Append(Opens(3, 1));
  f.store->Trim();
  CHECK(f.directory.Files(".damaged").size() >= 1);
  CHECK(Sequences(f.store->Scan({})) == Numbers{2, 3});
}

TEST_CASE("writers that come together lose nothing", "[analyzer][store]") {
  Fixture f;
  constexpr int kWriters = 8;
  constexpr int kBatches = 10;
  std::vector<std::thread> writers;
  std::atomic<int> failures = 0;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      const std::string agent = "agent-" + std::to_string(w);
      for (uint64_t i = 0; i < kBatches; ++i) {
        const v1::Batch batch = Opens(i * 5 + 1, 5);
        if (!f.store->Append(ReportOf(batch, agent, 1)).ok()) ++failures;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(failures == 0);
  CHECK(Sequences(f.store->Scan({})).size() == kWriters * kBatches * 5);
}

TEST_CASE("fifty thousand events are stored in a few seconds",
          "[analyzer][store]") {
  Fixture f;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < 100; ++i) f.Append(Opens(i * 500 + 1, 500));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(f.store->ProgressOf("agent", 1)->last_sequence == 50'000);
}

}  // namespace gatewatch::analyzer
