#include "analyzer/alert_store.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "analyzer/sqlite.h"
#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

AlertStore::Candidate Fired(const std::string& rule, uint64_t sequence,
                            uint64_t seconds) {
  AlertStore::Candidate candidate;
  candidate.fold_key = rule;
  v1::Alert& alert = candidate.alert;
  alert.set_rule(rule);
  alert.set_severity(v1::SEVERITY_ERROR);
  alert.set_count(1);
  alert.set_first_time_ns(seconds * kSecond);
  alert.set_last_time_ns(seconds * kSecond);
  alert.mutable_event()->mutable_event()->set_sequence(sequence);
  alert.mutable_event()->mutable_process()->set_key("proc-1");
  return candidate;
}

constexpr uint64_t kFoldLimit = 3600;

struct Fixture {
  TempDirectory directory;
  uint64_t now = 0;
  uint64_t max_alerts = 1'000'000;
  std::unique_ptr<AlertStore> store = Open();

  std::unique_ptr<AlertStore> Open() {
    auto opened = AlertStore::Open(directory.path(),
                                   {.fold_window = absl::Minutes(1),
                                    .fold_limit = absl::Seconds(kFoldLimit),
                                    .retention = absl::Hours(24),
                                    .max_alerts = max_alerts,
                                    .now = [this] { return now; }});
    REQUIRE(opened.ok());
    return *std::move(opened);
  }
  // Changes the file of a store that is closed.
  void Edit(const std::string& sql) const {
    auto database = Database::Open(directory.path() + "/alerts.db",
                                   Database::Access::kCreate,
                                   Database::Durability::kMachine);
    REQUIRE(database.ok());
    REQUIRE(database->Execute(sql).ok());
  }
  // How many new alerts one event makes.
  size_t Raise(const std::string& rule, uint64_t sequence, uint64_t seconds) {
    auto made =
        store->Raise("agent", 1, sequence, {Fired(rule, sequence, seconds)});
    REQUIRE(made.ok());
    return made->size();
  }
  std::vector<v1::Alert> List(const AlertQuery& query = {}) {
    std::vector<v1::Alert> alerts;
    auto all = store->Visit(query, [&](AlertPosition, v1::Alert alert) {
      alerts.push_back(std::move(alert));
      return true;
    });
    REQUIRE(all.ok());
    return alerts;
  }
};

}  // namespace

TEST_CASE("a repeat within the window is counted in the first alert",
          "[analyzer][alerts]") {
  Fixture f;
  CHECK(f.Raise("a", 1, 100) == 1);
  CHECK(f.Raise("a", 2, 150) == 0);
  CHECK(f.Raise("a", 3, 205) == 0);  // the window begins at the last
  const auto alerts = f.List();
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].count() == 3);
  CHECK(alerts[0].first_time_ns() == 100 * kSecond);
  CHECK(alerts[0].last_time_ns() == 205 * kSecond);
  CHECK(alerts[0].id().size() == 13);
}

TEST_CASE("a repeat after the window, or of another kind, is a new alert",
          "[analyzer][alerts]") {
  Fixture f;
  f.Raise("a", 1, 100);
  CHECK(f.Raise("b", 2, 100) == 1);
  CHECK(f.Raise("a", 3, 161) == 1);
  CHECK(f.List().size() == 3);
}

TEST_CASE("a repeat that arrives late moves the first time",
          "[analyzer][alerts]") {
  Fixture f;
  f.Raise("a", 1, 100);
  CHECK(f.Raise("a", 2, 70) == 0);
  CHECK(f.List()[0].first_time_ns() == 70 * kSecond);
  CHECK(f.List()[0].last_time_ns() == 100 * kSecond);
}

TEST_CASE("what is raised again after a crash changes nothing",
          "[analyzer][alerts]") {
  Fixture f;
  f.Raise("a", 1, 100);
  f.Raise("b", 2, 100);
  f.store.reset();
  f.store = f.Open();
  CHECK(f.Raise("a", 1, 100) == 0);
  CHECK(f.Raise("b", 2, 100) == 0);
  for (const v1::Alert& alert : f.List()) CHECK(alert.count() == 1);
  CHECK(f.Raise("a", 3, 100) == 0);
  CHECK(f.List()[0].count() == 2);
}

TEST_CASE("alerts are listed by time, severity and rule",
          "[analyzer][alerts]") {
  Fixture f;
  f.Raise("late", 1, 500);
  f.Raise("early", 2, 100);
  CHECK(f.List()[0].rule() == "early");
  CHECK(f.List({.since_ns = 101 * kSecond}).size() == 1);
  CHECK(f.List({.until_ns = 500 * kSecond}).size() == 1);
  CHECK(f.List({.rule = "late"}).size() == 1);
  CHECK(f.List({.at_least = v1::SEVERITY_ERROR}).size() == 2);
  CHECK(f.List({.at_least = v1::SEVERITY_CRITICAL}).empty());
}

TEST_CASE("an alert is found by its id and by its process",
          "[analyzer][alerts]") {
  Fixture f;
  f.Raise("a", 1, 100);
  const std::string id = f.List()[0].id();
  CHECK(f.store->Find(id)->rule() == "a");
  CHECK(absl::IsNotFound(f.store->Find("0000000000000").status()));
  const auto ids = f.store->IdsOf({"proc-1", "proc-2"});
  REQUIRE(ids.ok());
  CHECK(ids->at("proc-1") == std::vector<std::string>{id});
  CHECK_FALSE(ids->contains("proc-2"));
}

TEST_CASE("what never pauses makes a new alert when the limit is reached",
          "[analyzer][alerts]") {
  Fixture f;
  uint64_t made = 0;
  uint64_t sequence = 0;
  for (uint64_t at = 0; at <= 3 * kFoldLimit; at += 30) {
    made += f.Raise("a", ++sequence, 1000 + at);
  }
  CHECK(made == 3);
  uint64_t count = 0;
  for (const v1::Alert& alert : f.List()) {
    CHECK(alert.last_time_ns() - alert.first_time_ns() <= kFoldLimit * kSecond);
    count += alert.count();
  }
  CHECK(count == sequence);
}

TEST_CASE("an alert is kept by when it came, whatever an agent's clock says",
          "[analyzer][alerts]") {
  constexpr uint64_t kYear = 365 * 24 * 3600;
  Fixture f;
  f.now = 50 * kYear * kSecond;
  f.Raise("behind", 1, 10 * kYear);
  f.Raise("ahead", 2, 90 * kYear);
  REQUIRE(f.store->Trim().ok());
  CHECK(f.List().size() == 2);
  CHECK(f.List()[0].first_time_ns() == 10 * kYear * kSecond);
  f.now += 25 * 3600 * kSecond;
  REQUIRE(f.store->Trim().ok());
  CHECK(f.List().empty());
}

TEST_CASE("a store of the version before is brought to this one",
          "[analyzer][alerts]") {
  Fixture f;
  f.now = 1000 * kSecond;
  f.Raise("a", 1, 100);
  f.store.reset();
  f.Edit(
      "DROP INDEX alerts_by_arrival; ALTER TABLE alerts DROP COLUMN arrived;"
      "CREATE INDEX alerts_by_last_time ON alerts(last_time);"
      "PRAGMA user_version = 2;");
  f.now = 5000 * kSecond;
  f.store = f.Open();
  CHECK(f.store->recovered().empty());
  CHECK(f.Raise("a", 2, 130) == 0);
  CHECK(f.List()[0].count() == 2);
  // What did not say when it came, came when it was taken over.
  f.now += 23 * 3600 * kSecond;
  REQUIRE(f.store->Trim().ok());
  CHECK(f.List().size() == 1);
  f.now += 2 * 3600 * kSecond;
  REQUIRE(f.store->Trim().ok());
  CHECK(f.List().empty());
}

TEST_CASE("a store of another version is refused with what to do",
          "[analyzer][alerts]") {
  struct Row {
    const char* version;
    const char* written;
    const char* advice;
  };
  const auto& [version, written, advice] =
      GENERATE(Row{"1", "written by an earlier version, in format 1",
                   "Move the file away to begin a new one"},
               Row{"99", "written by a later version, in format 99",
                   "Run that version"});
  Fixture f;
  f.Raise("a", 1, 100);
  f.store.reset();
  f.Edit(absl::StrCat("PRAGMA user_version = ", version));
  const auto refused = AlertStore::Open(f.directory.path(), {});
  REQUIRE_FALSE(refused.ok());
  const std::string said(refused.status().message());
  CHECK_THAT(said, Catch::Contains("/alerts.db: was "));
  CHECK_THAT(said, Catch::Contains(written));
  CHECK_THAT(said, Catch::Contains("this version reads format 3"));
  CHECK_THAT(said, Catch::Contains(advice));
  CHECK(f.directory.Files("damaged").empty());
}

TEST_CASE("alerts that are too old or too many are deleted",
          "[analyzer][alerts]") {
  Fixture f;
  f.now = 100 * kSecond;
  f.Raise("a", 1, 100);
  f.Raise("b", 2, 200);
  f.now = 150 * kSecond;
  f.Raise("a", 3, 150);  // keeps the first alert alive
  f.Raise("c", 4, 300);
  f.Raise("d", 5, 400);
  f.now = 100 * kSecond + 24 * 3600 * kSecond;
  REQUIRE(f.store->Trim().ok());
  CHECK(f.List().size() == 4);
  f.now = 120 * kSecond + 24 * 3600 * kSecond;
  REQUIRE(f.store->Trim().ok());
  CHECK(f.List().size() == 3);
  f.max_alerts = 2;
  f.store.reset();
  f.store = f.Open();
  REQUIRE(f.store->Trim().ok());
  REQUIRE(f.List().size() == 2);
  CHECK(f.List()[0].rule() == "c");
}

TEST_CASE("a damaged alert database is set aside and begun anew",
          "[analyzer][alerts]") {
  Fixture f;
  f.Raise("a", 1, 100);
  f.store.reset();
  std::ofstream(f.directory.path() + "/alerts.db") << std::string(9000, 'x');
  f.store = f.Open();
  CHECK(f.List().empty());
  CHECK(f.directory.Files("alerts.db.damaged").size() == 2);
  CHECK(f.directory.Files(".txt").size() == 1);
  CHECK_FALSE(f.store->recovered().empty());
  CHECK(f.Raise("a", 2, 100) == 1);
}

}  // namespace gatewatch::analyzer
