// A hundred thousand short processes at full speed: each starts once, ends
// once, and is told from every other, also from one that had its pid before.

#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {
namespace {

using probes::FileChanged;
using probes::FileOpened;
using probes::Observation;
using probes::ObservationsLost;
using probes::ProcessExeced;
using probes::ProcessExited;
using probes::ProcessId;
using probes::ProcessStarted;

constexpr int kRound = 20'000;  // what the test's memory holds at a time
constexpr int kRecycledPids = 5000;

// A folder for the tokens, in memory where that is to be had.
class TokenFolder {
 public:
  TokenFolder() {
    REQUIRE(
        (::mkdtemp(path_.data()) != nullptr ||
         ::mkdtemp((path_ = "/tmp/gatewatch-storm-XXXXXX").data()) != nullptr));
  }
  ~TokenFolder() { ::rmdir(path_.c_str()); }
  std::string prefix() const { return path_ + "/"; }

 private:
  std::string path_ = "/dev/shm/gatewatch-storm-XXXXXX";
};

// What process_storm's children said of themselves, beside what was made of
// it.
class Accounts {
 public:
  explicit Accounts(std::string prefix) : prefix_(std::move(prefix)) {}

  void Take(const Observation& seen) {
    const ProcessId& id = seen.process;
    if (const auto* started = std::get_if<ProcessStarted>(&seen.detail)) {
      if (!started->inventory) ++entries_[Key(id)].starts;
    } else if (std::holds_alternative<ProcessExited>(seen.detail)) {
      ++entries_[Key(id)].exits;
    } else if (const auto* opened = std::get_if<FileOpened>(&seen.detail)) {
      TakePath(id, opened->file.path);
    } else if (const auto* changed = std::get_if<FileChanged>(&seen.detail)) {
      TakePath(id, changed->file.path);
    } else if (const auto* execed = std::get_if<ProcessExeced>(&seen.detail)) {
      const auto& arguments = execed->after.arguments;
      if (arguments.size() == 4) TakeToken(id, arguments.back());
    } else if (std::holds_alternative<ObservationsLost>(seen.detail)) {
      ++losses_;
    }
  }

  // Each process started once and ended once; the first of all, which was
  // there before the probe, need not have a start.
  std::vector<std::string> unbalanced() const {
    std::vector<std::string> found;
    for (const auto& [id, entry] : entries_) {
      const bool of_storm = !entry.token.empty();
      const bool balanced = entry.starts == 1 && entry.exits == 1;
      if (entry.starts <= 1 && entry.exits <= 1 && (balanced || !of_storm)) {
        continue;
      }
      found.push_back(absl::StrCat(id.first, "@", id.second, " (", entry.token,
                                   "): ", entry.starts, " starts, ",
                                   entry.exits, " exits"));
    }
    return found;
  }

  // Processes that left a token, tokens that were left by two, and events
  // whose process is not the one that made the call.
  size_t with_token() const { return owners_.size(); }
  size_t misattributed() const { return misattributed_; }
  size_t losses() const { return losses_; }

 private:
  using Id = std::pair<pid_t, uint64_t>;
  struct Entry {
    int starts = 0;
    int exits = 0;
    std::string token;
  };

  static Id Key(const ProcessId& id) { return {id.pid, id.start_ticks}; }

  void TakePath(const ProcessId& id, absl::string_view path) {
    if (!absl::ConsumePrefix(&path, prefix_)) return;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(path, absl::MaxSplits('-', 1));
    pid_t pid = 0;
    misattributed_ += !absl::SimpleAtoi(parts.first, &pid) || pid != id.pid;
    TakeToken(id, std::string(parts.second));
  }

  void TakeToken(const ProcessId& id, const std::string& token) {
    Entry& entry = entries_[Key(id)];
    if (entry.token.empty()) entry.token = token;
    misattributed_ += entry.token != token;
    const auto [owner, fresh] = owners_.emplace(token, Key(id));
    misattributed_ += !fresh && owner->second != Key(id);
  }

  const std::string prefix_;
  std::map<Id, Entry> entries_;
  std::map<std::string, Id> owners_;  // of tokens
  size_t misattributed_ = 0;
  size_t losses_ = 0;
};

void CheckStorm(const Rung& rung, int count) {
  const TokenFolder folder;
  Accounts accounts(folder.prefix());
  const Observed seen = Watch(
      rung, {Program("process_storm"), absl::StrCat(count), folder.prefix()});
  for (const Observation& observation : seen.observations) {
    accounts.Take(observation);
  }
  CHECK(seen.status == 0);
  CHECK(accounts.with_token() == static_cast<size_t>(count));
  CHECK(accounts.unbalanced() == std::vector<std::string>{});
  CHECK(accounts.misattributed() == 0);
  CHECK(accounts.losses() == 0);
  CHECK(seen.counters.dropped == 0);
}

int PidLimit() {
  int limit = 0;
  const auto content = ReadFile("/proc/sys/kernel/pid_max", 64);
  REQUIRE(content.ok());
  REQUIRE(absl::SimpleAtoi(*content, &limit));
  return limit;
}

}  // namespace

TEST_CASE("a hundred thousand short processes each start once and end once",
          "[contract][storm]") {
  // Tracing costs several times as much; its share shows the same.
  const auto [make, rounds] = GENERATE(table<Rung (*)(), int>(
      {{LaunchRung, 5}, {BpfRung, 5}, {AttachRung, 1}, {PtraceAttachRung, 1}}));
  const Rung rung = make();
  INFO("rung: " << rung.name);
  if (!rung.why_not.empty()) return Skip(rung.name + ": " + rung.why_not);
  for (int round = 0; round < rounds; ++round) CheckStorm(rung, kRound);
}

// Asked for by name alone: with-few-pids makes a place where pids come again.
TEST_CASE("no event is attributed to a process that has its caller's old pid",
          "[.few-pids][contract][storm]") {
  if (PidLimit() > kRecycledPids) {
    return Skip("the number of pids cannot be limited here");
  }
  const Rung rung = GENERATE(LaunchRung(), AttachRung(), PtraceAttachRung());
  INFO("rung: " << rung.name);
  if (!rung.why_not.empty()) return Skip(rung.name + ": " + rung.why_not);
  CheckStorm(rung, 2 * kRecycledPids);
}

}  // namespace gatewatch::testing
