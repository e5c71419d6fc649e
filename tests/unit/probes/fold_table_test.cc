#include "probes/calls/fold_table.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kStart = 1'700'000'000 * kSecond;

FoldTable::Key OpenOf(absl::string_view path) {
  return {.process = {42, 1000}, .syscall = 257, .object = path};
}

Observation At(uint64_t time_ns, absl::string_view path) {
  Observation observation;
  observation.time_ns = time_ns;
  observation.process = {42, 1000};
  observation.syscall = "openat";
  FileOpened opened;
  opened.file.path = std::string(path);
  observation.detail = opened;
  return observation;
}

// Whether it is a repeat, which is then counted.
bool Repeats(FoldTable& table, const FoldTable::Key& key, uint64_t time_ns) {
  FoldTable::Call* const call = table.Find(key, time_ns);
  if (call != nullptr) FoldTable::CountRepeat(*call, time_ns);
  return call != nullptr;
}

std::string PathOf(const Observation& observation) {
  return std::get<FileOpened>(observation.detail).file.path;
}

}  // namespace

TEST_CASE("a call that was not remembered is no repeat", "[fold]") {
  FoldTable table;
  CHECK_FALSE(Repeats(table, OpenOf("/a"), kStart));
  CHECK(table.TakeDue(kStart + 2 * kSecond).empty());
}

TEST_CASE("repeats within a second become one observation with their count",
          "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  CHECK(Repeats(table, OpenOf("/a"), kStart + 10));
  CHECK(Repeats(table, OpenOf("/a"), kStart + 20));
  CHECK(Repeats(table, OpenOf("/a"), kStart + kSecond - 1));
  const auto due = table.TakeDue(kStart + kSecond);
  REQUIRE(due.size() == 1);
  CHECK(due[0].count == 3);
  CHECK(due[0].time_ns == kStart + 10);
  CHECK(due[0].last_time_ns == kStart + kSecond - 1);
  CHECK(due[0].syscall == "openat");
  CHECK(due[0].process == ProcessId{42, 1000});
  CHECK(PathOf(due[0]) == "/a");
}

TEST_CASE("what a process executes next repeats nothing of before", "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  FoldTable::Key next = OpenOf("/a");
  next.image = 1;
  CHECK_FALSE(Repeats(table, next, kStart + 1));
}

TEST_CASE("a call after the second is observed on its own", "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  CHECK(Repeats(table, OpenOf("/a"), kStart + 1));
  CHECK_FALSE(Repeats(table, OpenOf("/a"), kStart + kSecond));
  // It was observed; the count of the first second is not lost by it.
  table.Remember(OpenOf("/a"), At(kStart + kSecond, "/a"));
  const auto due = table.TakeDue(kStart + kSecond);
  REQUIRE(due.size() == 1);
  CHECK(due[0].count == 1);
  CHECK(due[0].last_time_ns == kStart + 1);
}

TEST_CASE("a call without repeats is not told of again", "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  CHECK(table.TakeDue(kStart + 2 * kSecond).empty());
}

TEST_CASE("nothing is due before its second is over", "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  Repeats(table, OpenOf("/a"), kStart + 1);
  CHECK(table.TakeDue(kStart + kSecond - 1).empty());
  CHECK(table.TakeDue(kStart + kSecond).size() == 1);
}

TEST_CASE("what was taken is forgotten", "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  Repeats(table, OpenOf("/a"), kStart + 1);
  CHECK(table.TakeDue(kStart + kSecond).size() == 1);
  CHECK(table.TakeDue(kStart + 9 * kSecond).empty());
  CHECK_FALSE(Repeats(table, OpenOf("/a"), kStart + 2));
}

TEST_CASE("at the end everything is due", "[fold]") {
  FoldTable table;
  table.Remember(OpenOf("/a"), At(kStart, "/a"));
  Repeats(table, OpenOf("/a"), kStart + 1);
  CHECK(table.TakeDue(kStart + 2, /*all=*/true).size() == 1);
}

TEST_CASE("what is due comes in the order of its first repeat", "[fold]") {
  FoldTable table;
  for (int i = 0; i < 50; ++i) {
    const std::string path = absl::StrCat("/", i);
    table.Remember(OpenOf(path), At(kStart, path));
    Repeats(table, OpenOf(path), kStart + 1000 - static_cast<uint64_t>(i));
  }
  const auto due = table.TakeDue(kStart + kSecond);
  REQUIRE(due.size() == 50);
  for (size_t i = 0; i < due.size(); ++i) {
    CHECK(PathOf(due[i]) == absl::StrCat("/", 49 - i));
  }
}

TEST_CASE("process, call, outcome, arguments and object tell calls apart",
          "[fold]") {
  FoldTable table;
  const FoldTable::Key key = OpenOf("/a");
  table.Remember(key, At(kStart, "/a"));
  FoldTable::Key other_process = key;
  other_process.process.start_ticks = 1001;  // the same pid, later
  FoldTable::Key other_call = key;
  other_call.syscall = 2;
  FoldTable::Key other_outcome = key;
  other_outcome.error = 13;
  FoldTable::Key other_arguments = key;
  other_arguments.arguments = 1;
  for (const auto& other : {other_process, other_call, other_outcome,
                            other_arguments, OpenOf("/b")}) {
    CHECK_FALSE(Repeats(table, other, kStart + 1));
  }
  CHECK(Repeats(table, key, kStart + 1));
}

TEST_CASE("the table keeps its own copy of the object", "[fold]") {
  FoldTable table;
  {
    std::string path = "/a/path/that/does/not/fit/into/a/short/string";
    table.Remember(OpenOf(path), At(kStart, path));
    path.assign(path.size(), 'x');
  }
  CHECK(Repeats(table, OpenOf("/a/path/that/does/not/fit/into/a/short/string"),
                kStart + 1));
}

TEST_CASE("a full table leaves further calls unfolded", "[fold]") {
  constexpr int kMoreThanFits = 20000;
  FoldTable table;
  int repeats = 0;
  for (int i = 0; i < kMoreThanFits; ++i) {
    const std::string path = absl::StrCat("/", i);
    table.Remember(OpenOf(path), At(kStart, path));
    if (Repeats(table, OpenOf(path), kStart + 1)) ++repeats;
  }
  CHECK(repeats > 1000);
  CHECK(repeats < kMoreThanFits);
  CHECK(Repeats(table, OpenOf("/0"), kStart + 2));
  CHECK(table.TakeDue(kStart + kSecond).size() == static_cast<size_t>(repeats));
  const std::string late = absl::StrCat("/", kMoreThanFits - 1);
  table.Remember(OpenOf(late), At(kStart, late));
  CHECK(Repeats(table, OpenOf(late), kStart + 1));
}

}  // namespace gatewatch::probes
