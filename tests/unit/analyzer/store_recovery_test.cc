#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "analyzer/agent_registry.h"
#include "analyzer/alert_store.h"
#include "analyzer/event_store.h"
#include "analyzer/store_losses.h"
#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kHour = 3600 * kSecond;
// In the damaged partition, of each of two agents; and behind it.
constexpr uint64_t kEvents = 400;
constexpr uint64_t kLater = 10;

v1::Batch ManyOpens(uint64_t first, int count) {
  v1::Batch batch = Opens(first, count);
  for (v1::Event& event : *batch.mutable_events()) {
    event.mutable_file_open()->mutable_file()->set_path(
        "/srv/files/" + std::to_string(event.sequence()));
  }
  return batch;
}

// What a store says of two agents' events.
struct Seen {
  // By agent and number; losses apart.
  std::map<std::pair<std::string, uint64_t>, std::string> events;
  uint64_t lost = 0;
};

// A store of three partitions, the second of which is to be damaged.
struct Fixture {
  TempDirectory directory;
  uint64_t now = 1'000'000 * kHour;
  std::unique_ptr<EventStore> store;
  const std::string agents[2] = {"agent-a", "agent-b"};

  Fixture() {
    Open();
    Append(1, 50);
    now += kHour;
    Append(51, kEvents);
    now += kHour;
    Append(51 + kEvents, kLater);
  }
  static constexpr uint64_t kTotal = 2 * (50 + kEvents + kLater);

  bool Open(bool check_all = false) {
    store.reset();
    auto opened = EventStore::Open({.directory = directory.path(),
                                    .check_all = check_all,
                                    .now = [this] { return now; }});
    if (opened.ok()) store = *std::move(opened);
    return store != nullptr;
  }
  void Append(uint64_t first, uint64_t count) {
    for (const std::string& agent : agents) {
      for (uint64_t i = 0; i < count; i += 10) {
        const v1::Batch batch = ManyOpens(first + i, 10);
        REQUIRE(store->Append(ReportOf(batch, agent, 1)).ok());
      }
    }
  }
  std::string Second() const { return store->partitions()[1]->path(); }
  Seen Look() const {
    Seen seen;
    EventScan scan = store->Scan({});
    while (true) {
      const auto more = scan.Next();
      REQUIRE(more.ok());
      if (!*more) return seen;
      const auto record = scan.Record();
      // What was found damaged only now is recovered by the next Trim().
      if (!record.ok()) return seen;
      if (record->event().has_loss()) {
        seen.lost += record->event().loss().counts(0).count();
        CHECK(record->event().loss().reason() ==
              v1::Loss::REASON_STORE_DAMAGED);
        continue;
      }
      seen.events[{record->agent_id(), record->event().sequence()}] =
          record->event().SerializeAsString();
    }
  }
};

void Truncate(const std::string& path, uint64_t size) {
  fs::resize_file(path, size);
}

void FlipBit(const std::string& path, uint64_t bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(bit / 8));
  const auto byte = static_cast<char>(file.get() ^ (1 << (bit % 8)));
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(byte);
}

// Puts a store's files back as they were.
class Backup {
 public:
  explicit Backup(const std::string& directory) : directory_(directory) {
    fs::copy(directory, backup_.path(), fs::copy_options::recursive);
  }
  void Restore() const {
    fs::remove_all(directory_);
    fs::copy(backup_.path(), directory_, fs::copy_options::recursive);
  }

 private:
  TempDirectory backup_;
  const std::string directory_;
};

}  // namespace

TEST_CASE("of a file torn anywhere, each event is saved or said to be lost",
          "[analyzer][recovery]") {
  Fixture f;
  const Seen all = f.Look();
  REQUIRE(all.events.size() == Fixture::kTotal);
  const std::string second = f.Second();
  f.store.reset();
  const Backup whole(f.directory.path());
  const uint64_t size = fs::file_size(second);
  uint64_t saved_of_torn = 0;
  for (uint64_t part = 0; part < 24; ++part) {
    const uint64_t left = size * part / 24 + (part % 3) * 100;
    CAPTURE(left);
    whole.Restore();
    Truncate(second, left);
    REQUIRE(f.Open(true));
    const Seen seen = f.Look();
    CHECK(seen.events.size() + seen.lost == Fixture::kTotal);
    CHECK(seen.lost > 0);
    for (const auto& [key, event] : seen.events) {
      CHECK(event == all.events.at(key));
    }
    CHECK(f.directory.Files(".txt").size() == 1);
    saved_of_torn += seen.events.size() - 2 * (50 + kLater);
  }
  CHECK(saved_of_torn > 0);
}

TEST_CASE("a flipped bit changes no event and hides none silently",
          "[analyzer][recovery]") {
  Fixture f;
  const Seen all = f.Look();
  const std::string second = f.Second();
  f.store.reset();
  const Backup whole(f.directory.path());
  std::mt19937 random(7);
  const uint64_t bits = fs::file_size(second) * 8;
  uint64_t recovered = 0;
  for (int i = 0; i < 150; ++i) {
    // Every fourth in the header, where little is without meaning.
    const uint64_t bit = random() % (i % 4 == 0 ? 800 : bits);
    CAPTURE(bit);
    whole.Restore();
    FlipBit(second, bit);
    // A file that claims to be of a later version is refused, aloud.
    if (!f.Open(true)) continue;
    const Seen seen = f.Look();
    CHECK(seen.events.size() + seen.lost == Fixture::kTotal);
    for (const auto& [key, event] : seen.events) {
      CHECK(event == all.events.at(key));
    }
    const bool set_aside = !f.directory.Files(".txt").empty();
    CHECK((set_aside || seen.events.size() == Fixture::kTotal));
    recovered += set_aside ? 1 : 0;
  }
  CHECK(recovered > 50);
}

TEST_CASE("damage found while serving is recovered by the next trim",
          "[analyzer][recovery]") {
  Fixture f;
  const std::string second = f.Second();
  f.store.reset();
  Truncate(second, fs::file_size(second) / 2);
  REQUIRE(f.Open());
  f.Look();
  f.store->Trim();
  const Seen seen = f.Look();
  CHECK(seen.events.size() + seen.lost == Fixture::kTotal);
  CHECK(seen.lost > 0);
  const RecoveredPartitions recovered = f.store->TakeRecovered();
  CHECK(recovered.lost.size() == 2);
  CHECK(recovered.statements.size() == 1);
  CHECK(f.store->TakeRecovered().statements.empty());
}

TEST_CASE("a recovery that a crash cut short is completed, and only once",
          "[analyzer][recovery]") {
  Fixture f;
  const std::string second = f.Second();
  f.store.reset();
  Truncate(second, fs::file_size(second) / 2);
  REQUIRE(f.Open(true));
  const Seen expected = f.Look();
  f.store.reset();
  const std::string statement =
      f.directory.path() + "/" + f.directory.Files(".txt").at(0);
  const std::string aside = statement.substr(0, statement.size() - 4);

  SECTION("between the statement and the new file's name") {
    fs::rename(second, aside + ".salvage");
  }
  SECTION("in the middle of copying") {
    fs::remove(statement);
    fs::rename(second, aside + ".salvage");
    Truncate(aside + ".salvage", 5000);
  }
  SECTION("nowhere") {}
  REQUIRE(f.Open());
  CHECK(f.Look().events == expected.events);
  CHECK(f.Look().lost == expected.lost);
  CHECK(f.directory.Files(".salvage").empty());
  CHECK(f.directory.Files(".txt").size() == 1);
}

TEST_CASE("a log torn anywhere loses nothing that is not said",
          "[analyzer][recovery]") {
  Fixture f;
  const std::string third = f.store->partitions()[2]->path();
  // As a killed analyzer leaves it: the log not yet copied into the file.
  const Backup running(f.directory.path());
  f.store.reset();
  running.Restore();
  const uint64_t size = fs::file_size(third + "-wal");
  for (uint64_t part = 0; part <= 10; ++part) {
    const uint64_t left = size * part / 10;
    CAPTURE(left);
    f.store.reset();
    running.Restore();
    Truncate(third + "-wal", left);
    const auto registry =
        AgentRegistry::Open(f.directory.path(), [&] { return f.now; });
    REQUIRE(registry.ok());
    for (const std::string& agent : f.agents) {
      v1::Hello hello;
      hello.set_agent_id(agent);
      hello.set_epoch(1);
      REQUIRE((*registry)->Connect(hello, 50 + kEvents + kLater).ok());
    }
    REQUIRE(f.Open());
    REQUIRE(StateLosses(*f.store, **registry).ok());
    Seen seen = f.Look();
    CHECK(seen.events.size() + seen.lost == Fixture::kTotal);
    // What is said is not said again.
    REQUIRE(StateLosses(*f.store, **registry).ok());
    CHECK(f.Look().lost == seen.lost);
    uint64_t noted = 0;
    for (const v1::Agent& agent : (*registry)->List()) noted += agent.lost();
    CHECK(noted == seen.lost);
    // The stream goes on behind what was acknowledged.
    for (const std::string& agent : f.agents) {
      CHECK(f.store->ProgressOf(agent, 1)->last_sequence ==
            50 + kEvents + kLater);
    }
  }
}

TEST_CASE("alerts of a damaged file are saved as far as they can be read",
          "[analyzer][recovery]") {
  TempDirectory directory;
  const auto open = [&] {
    auto opened = AlertStore::Open(directory.path(), {});
    REQUIRE(opened.ok());
    return *std::move(opened);
  };
  const auto count = [](const AlertStore& store) {
    size_t alerts = 0;
    CHECK(store
              .Visit({},
                     [&](AlertPosition, const v1::Alert&) {
                       ++alerts;
                       return true;
                     })
              .ok());
    return alerts;
  };
  auto store = open();
  std::vector<AlertStore::Candidate> candidates;
  for (uint64_t i = 1; i <= 300; ++i) {
    AlertStore::Candidate candidate{.fold_key = std::to_string(i), .alert = {}};
    candidate.alert.set_rule("Rule");
    candidate.alert.set_first_time_ns(i);
    candidate.alert.set_last_time_ns(i);
    candidate.alert.set_output(std::string(200, 'x'));
    candidate.alert.mutable_event()->mutable_event()->set_sequence(i);
    candidates.push_back(candidate);
  }
  REQUIRE(store->Raise("agent", 1, 300, candidates).ok());
  CHECK(count(*store) == 300);
  store.reset();
  const std::string path = directory.path() + "/alerts.db";
  Truncate(path, fs::file_size(path) * 3 / 4);
  store = open();
  CHECK_FALSE(store->recovered().empty());
  CHECK(count(*store) > 0);
  CHECK(count(*store) < 300);
  store.reset();
  CHECK(open()->recovered().empty());
}

}  // namespace gatewatch::analyzer
