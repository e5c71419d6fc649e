#include "analyzer/rule_book.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/alert_store.h"
#include "analyzer/detector.h"
#include "analyzer/feed.h"
#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

std::string RuleText(const std::string& name, const std::string& type) {
  return absl::StrCat("- rule: ", name,
                      "\n  desc: d\n  condition: evt.type = ", type,
                      "\n  output: o\n  priority: WARNING\n");
}

// A folder of rules, lists and a tuning file, and a book that reads them.
struct Fixture {
  TempDirectory directory;
  const std::string rules = directory.path() + "/rules";
  const std::string tuning = directory.path() + "/tuning.yaml";
  std::unique_ptr<RuleBook> book = Open();

  std::unique_ptr<RuleBook> Open() {
    std::filesystem::create_directory(rules);
    Write(rules + "/a.yaml", RuleText("first", "openat"));
    Write(tuning, "");
    auto opened = RuleBook::Open({.rules = {rules}, .tuning = tuning});
    REQUIRE(opened.ok());
    return *std::move(opened);
  }
  // As an editor does: a new file takes the place of the old one.
  void Write(const std::string& path, const std::string& text) {
    std::ofstream(path + ".new") << text;
    std::filesystem::rename(path + ".new", path);
  }
  bool Has(const std::string& rule) const {
    return book->edition()->rules->Find(rule) != nullptr;
  }
};

}  // namespace

TEST_CASE("a changed file takes over once it has been still for a poll",
          "[rule_book]") {
  Fixture f;
  f.book->Poll();
  f.Write(f.rules + "/a.yaml", RuleText("second", "openat"));
  f.book->Poll();  // sees that it has changed
  CHECK(f.Has("first"));
  f.book->Poll();
  CHECK(f.Has("second"));
  CHECK_FALSE(f.Has("first"));
  CHECK(f.book->status().reloads() == 1);
  f.book->Poll();
  f.book->Poll();
  CHECK(f.book->status().reloads() == 1);
}

TEST_CASE("a file that comes into a folder or goes from it is a change",
          "[rule_book]") {
  Fixture f;
  const auto poll = [&f] {
    f.book->Poll();
    f.book->Poll();
  };
  f.Write(f.rules + "/b.yaml", RuleText("more", "openat"));
  poll();
  CHECK(f.Has("more"));
  std::filesystem::remove(f.rules + "/b.yaml");
  poll();
  CHECK_FALSE(f.Has("more"));
}

TEST_CASE("a wrong file changes nothing but the status, which names all errors",
          "[rule_book]") {
  Fixture f;
  const auto before = f.book->edition();
  f.Write(f.rules + "/a.yaml", RuleText("x", "openat and a = 1") +
                                   RuleText("y", "openat and b = 1"));
  CHECK_FALSE(f.book->Reload().ok());
  CHECK(f.book->edition() == before);
  v1::RuleSetStatus status = f.book->status();
  REQUIRE(status.errors_size() == 2);
  CHECK_THAT(status.errors(0),
             Catch::Contains("a.yaml:3:") && Catch::Contains("rule x"));
  CHECK(status.failed_ns() > 0);
  CHECK(status.active_since_ns() == before->since_ns);

  f.Write(f.rules + "/a.yaml", RuleText("x", "openat"));
  CHECK(f.book->Reload().ok());
  status = f.book->status();
  CHECK(status.errors().empty());
  CHECK(status.failed_ns() == 0);
  CHECK(f.Has("x"));
}

TEST_CASE("a wrong tuning file keeps rules and tuning as they were",
          "[rule_book]") {
  Fixture f;
  f.Write(f.rules + "/a.yaml", RuleText("second", "openat"));
  f.Write(f.tuning, "exceptions:\n- name: all\n");
  CHECK_FALSE(f.book->Reload().ok());
  CHECK(f.Has("first"));
  CHECK_FALSE(f.Has("second"));
  REQUIRE(f.book->status().errors_size() == 1);
  CHECK_THAT(f.book->status().errors(0), Catch::Contains("tuning.yaml:2:3"));
}

TEST_CASE("a folder that is gone keeps the rules", "[rule_book]") {
  Fixture f;
  std::filesystem::remove_all(f.rules);
  f.book->Poll();
  f.book->Poll();
  CHECK(f.Has("first"));
  CHECK(f.book->status().errors_size() == 1);
}

TEST_CASE("what agents are to capture follows the rules", "[rule_book]") {
  Fixture f;
  const auto wants = [&f](const std::string& kind) {
    const auto& kinds = f.book->edition()->policy->kinds();
    return std::count(kinds.begin(), kinds.end(), kind) > 0;
  };
  CHECK(wants("open"));
  CHECK_FALSE(wants("rename"));
  f.Write(f.rules + "/a.yaml", RuleText("first", "rename"));
  REQUIRE(f.book->Reload().ok());
  CHECK(wants("rename"));
  CHECK_FALSE(wants("open"));
}

TEST_CASE("while rules change each event is judged by one whole set",
          "[rule_book][detector]") {
  constexpr uint64_t kBatches = 200;
  constexpr int kEvents = 50;
  Fixture f;
  const auto set = [](const std::string& name) {
    return RuleText(name + "1", "openat") + RuleText(name + "2", "openat");
  };
  f.Write(f.rules + "/a.yaml", set("a"));
  REQUIRE(f.book->Reload().ok());
  auto alerts = AlertStore::Open(f.directory.path(),
                                 {.fold_window = absl::Hours(24 * 365)});
  REQUIRE(alerts.ok());
  Feed<v1::Alert> feed(1 << 20);
  Detector detector(*f.book, **alerts, feed);

  std::atomic<bool> done = false;
  std::atomic<int> reloads = 0;
  std::thread changer([&] {
    while (!done) {
      const std::string name = reloads % 2 == 0 ? "b" : "a";
      std::ofstream(f.rules + "/new") << set(name);
      std::filesystem::rename(f.rules + "/new", f.rules + "/a.yaml");
      if (f.book->Reload().ok()) ++reloads;
    }
  });
  bool stored = true;
  for (uint64_t batch = 0; batch < kBatches || reloads < 4; ++batch) {
    const v1::Batch opens = Opens(1 + batch * kEvents, kEvents);
    stored = stored && detector.Inspect(ReportOf(opens, "agent")).ok();
  }
  done = true;
  changer.join();
  CHECK(stored);

  std::map<std::string, uint64_t> counts;
  uint64_t events = 0;
  REQUIRE((*alerts)
              ->Visit({},
                      [&](AlertPosition, v1::Alert alert) {
                        counts[alert.rule()] += alert.count();
                        events =
                            std::max(events, alert.last_time_ns() / kSecond);
                        return true;
                      })
              .ok());
  CHECK(counts["a1"] == counts["a2"]);
  CHECK(counts["b1"] == counts["b2"]);
  CHECK(counts["a1"] + counts["b1"] == events);
  CHECK(events >= kBatches * kEvents);
}

TEST_CASE("what is silenced is counted and raises no alert",
          "[rule_book][detector]") {
  Fixture f;
  f.Write(f.tuning,
          "suppressions:\n- name: quiet\n  rules: first\n"
          "  from: 1970-01-01T00:00:03Z\n  until: 1970-01-01T00:00:06Z\n");
  REQUIRE(f.book->Reload().ok());
  auto alerts =
      AlertStore::Open(f.directory.path(), {.fold_window = absl::Minutes(1)});
  REQUIRE(alerts.ok());
  Feed<v1::Alert> feed(1 << 20);
  Detector detector(*f.book, **alerts, feed);
  const v1::Batch opens = Opens(1, 8);  // at 1 to 8 seconds
  REQUIRE(detector.Inspect(ReportOf(opens, "agent")).ok());

  CHECK(detector.CountOf("first").fired == 5);
  CHECK(detector.CountOf("first").silenced == 3);
  v1::RuleSetStatus status = f.book->status();
  REQUIRE(status.silences_size() == 2);
  v1::Silence& quiet = *status.mutable_silences(1);
  detector.CountIn(quiet);
  CHECK(quiet.name() == "quiet");
  CHECK(quiet.count() == 3);
  CHECK(quiet.first_time_ns() == 3 * kSecond);
  CHECK(quiet.last_time_ns() == 5 * kSecond);
}

TEST_CASE("a container that is started anew repeats, another one does not",
          "[rule_book][detector]") {
  Fixture f;
  auto alerts =
      AlertStore::Open(f.directory.path(), {.fold_window = absl::Minutes(1)});
  REQUIRE(alerts.ok());
  Feed<v1::Alert> feed(1 << 20);
  Detector detector(*f.book, **alerts, feed);
  const auto run = [&](uint64_t sequence, const std::string& id,
                       const std::string& name) {
    v1::Batch opens = Opens(sequence, 1);
    opens.mutable_containers(0)->set_id(id);
    opens.mutable_containers(0)->set_name(name);
    // Another process of the same lineage.
    opens.mutable_processes(1)->set_key(id);
    opens.mutable_processes(1)->set_container_id(id);
    opens.mutable_events(0)->mutable_process()->set_key(id);
    REQUIRE(detector.Inspect(ReportOf(opens, "agent")).ok());
  };
  run(1, "id-1", "cron");
  run(2, "id-2", "cron");
  run(3, "id-3", "web");
  std::vector<uint64_t> counts;
  REQUIRE((*alerts)
              ->Visit({},
                      [&](AlertPosition, v1::Alert alert) {
                        counts.push_back(alert.count());
                        return true;
                      })
              .ok());
  CHECK(counts == std::vector<uint64_t>{2, 1});
}

}  // namespace gatewatch::analyzer
