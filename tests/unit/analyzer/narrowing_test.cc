#include <filesystem>
#include <fstream>
#include <random>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/event_store.h"
#include "analyzer/filters.h"
#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"
#include "tests/unit/detection/random_rules.h"

namespace gatewatch::analyzer {
namespace {

using Found = std::vector<std::string>;

constexpr uint64_t kHour = 3600 * kSecond;

// Events of the random world by three agents, in some partitions with an index
// and in the newest without.
struct Fixture {
  TempDirectory directory;
  uint64_t now = 1'000'000 * kHour;
  std::unique_ptr<EventStore> store;

  explicit Fixture(uint32_t seed) {
    auto opened = EventStore::Open(
        {.directory = directory.path(), .now = [this] { return now; }});
    REQUIRE(opened.ok());
    store = *std::move(opened);
    detection::RandomRules random(seed);
    for (int partition = 0; partition < 3; ++partition) {
      for (int agent = 0; agent < 3; ++agent) Append(agent, partition, random);
      now += kHour;
    }
    store->BuildIndexes([] { return false; });
    REQUIRE(store->partitions()[0]->indexed());
    REQUIRE_FALSE(store->partitions()[2]->indexed());
  }

  void Append(int agent, int partition, detection::RandomRules& random) {
    v1::Batch batch;
    for (uint64_t i = 0; i < 60; ++i) {
      v1::EventRecord record = random.Event();
      const std::string key = absl::StrCat(agent, "-", partition, "-", i);
      v1::Event& event = *batch.add_events();
      event = record.event();
      event.set_sequence(static_cast<uint64_t>(partition) * 60 + i + 1);
      // Several at one time, so that the order is put to the test.
      event.set_time_ns(now + i / 3 * kSecond);
      if (!record.has_process()) continue;
      event.mutable_process()->set_key(key);
      event.mutable_process()->set_revision(1);
      v1::Process& process = *batch.add_processes();
      process = record.process();
      process.set_key(key);
      process.set_revision(1);
      process.clear_parent();
      if (!record.has_container()) continue;
      v1::Container& container = *batch.add_containers();
      container = record.container();
      container.set_id(absl::StrCat("c-", record.container().name()));
      process.set_container_id(container.id());
    }
    v1::Workload workload;
    workload.set_service(absl::StrCat("service-", agent % 2));
    const std::string id = absl::StrCat("agent-", agent);
    REQUIRE(store
                ->Append({.agent_id = id,
                          .epoch = 1,
                          .workload = workload,
                          .batch = batch})
                .ok());
  }

  Found Find(const EventMatcher& matcher, EventQuery query, bool narrow,
             size_t& looked_at) {
    query.kinds = matcher.kinds();
    if (narrow) query.where = matcher.where();
    EventScan scan = store->Scan(std::move(query));
    Found found;
    while (true) {
      const auto more = scan.Next();
      REQUIRE(more.ok());
      if (!*more) return found;
      ++looked_at;
      const auto view = scan.View();
      REQUIRE(view.ok());
      if (!matcher.MatchesCondition(*view)) continue;
      found.push_back(absl::StrCat(view->agent_id, " ", view->event->sequence(),
                                   " ", scan.position().row));
    }
  }
};

EventMatcher MatcherOf(const std::string& where,
                       const std::vector<std::string>& kinds = {}) {
  v1::EventFilter filter;
  filter.set_where(where);
  for (const std::string& kind : kinds) filter.add_kinds(kind);
  auto matcher = EventMatcher::Make(filter);
  INFO(where);
  REQUIRE(matcher.ok());
  return *std::move(matcher);
}

}  // namespace

TEST_CASE("what is narrowed down finds what a walk over all events finds",
          "[analyzer][narrowing]") {
  const auto seed = GENERATE(uint32_t{1}, 2, 3);
  Fixture f(seed);
  detection::RandomRules random(seed + 100);
  std::mt19937 choices(seed);
  const char* workloads[] = {"agent.id = agent-1", "ecs.service = service-0",
                             "not ecs.service in (service-0, none)",
                             "ecs.service startswith serv",
                             "container.name exists"};
  size_t walked = 0;
  size_t narrowed = 0;
  size_t matches = 0;
  for (int i = 0; i < 400; ++i) {
    std::string where = random.Condition(static_cast<int>(choices() % 4));
    if (choices() % 3 == 0) {
      where = absl::StrCat("(", where, ") ", choices() % 4 ? "and " : "or ",
                           workloads[choices() % 5]);
    }
    CAPTURE(where);
    const EventMatcher matcher = MatcherOf(
        where, choices() % 4 ? std::vector<std::string>{}
                             : std::vector<std::string>{"open", "connect"});
    EventQuery query{.newest_first = choices() % 2 == 0};
    if (choices() % 3 == 0) query.since_ns = f.now - 2 * kHour + 7 * kSecond;
    if (choices() % 3 == 0) query.until_ns = f.now - 2 * kHour + 11 * kSecond;
    const Found plain = f.Find(matcher, query, false, walked);
    CHECK(f.Find(matcher, query, true, narrowed) == plain);
    matches += plain.size();
  }
  CHECK(matches > 1000);
  CHECK(narrowed < walked * 9 / 10);
}

TEST_CASE("a query by workload, name or path looks at few others' events",
          "[analyzer][narrowing]") {
  Fixture f(5);
  const auto looked_at = [&](const std::string& where) {
    size_t all = 0;
    size_t few = 0;
    const EventMatcher matcher = MatcherOf(where);
    const Found found = f.Find(matcher, {}, false, all);
    CHECK(f.Find(matcher, {}, true, few) == found);
    return few;
  };
  CHECK(looked_at("agent.id = agent-2") == 180);
  CHECK(looked_at("agent.id = nobody") == 0);
  CHECK(looked_at("ecs.service = service-1 and evt.type != never") == 180);
  // The newest partition has no index yet.
  CHECK(looked_at("fd.name = /no/such/file") == 180);
  CHECK(looked_at("proc.name in (none, nobody)") == 180);
  CHECK(looked_at("fd.name startswith /no/such or fd.name = /none") == 180);
}

TEST_CASE("a narrowed scan goes on behind any position",
          "[analyzer][narrowing]") {
  Fixture f(6);
  const bool newest_first = GENERATE(false, true);
  const EventMatcher matcher = MatcherOf("ecs.service = service-1");
  EventQuery query{.newest_first = newest_first, .where = matcher.where()};
  absl::btree_set<EventPosition> seen;
  while (true) {
    EventScan scan = f.store->Scan(query);
    if (!*scan.Next()) break;
    REQUIRE(seen.insert(scan.position()).second);
    query.after = scan.position();
  }
  CHECK(seen.size() == 180);
}

TEST_CASE("an index that is damaged or gone costs no event",
          "[analyzer][narrowing]") {
  Fixture f(7);
  const EventMatcher matcher = MatcherOf("agent.id = agent-1");
  size_t looked_at = 0;
  const Found all = f.Find(matcher, {}, true, looked_at);
  REQUIRE(all.size() == 180);
  const std::string index = f.store->partitions()[0]->index_path();
  const auto how = GENERATE(0, 1, 2);
  if (how == 0) std::filesystem::remove(index);
  if (how == 1) std::filesystem::resize_file(index, 5000);
  if (how == 2) std::ofstream(index) << std::string(9000, 'x');
  CHECK(f.Find(matcher, {}, true, looked_at) == all);
  f.store->BuildIndexes([] { return false; });
  CHECK(f.store->partitions()[0]->indexed());
  looked_at = 0;
  CHECK(f.Find(matcher, {}, true, looked_at) == all);
  CHECK(looked_at == 180);
}

}  // namespace gatewatch::analyzer
