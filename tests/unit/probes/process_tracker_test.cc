#include "probes/calls/process_tracker.h"

#include <signal.h>
#include <unistd.h>

#include <future>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "catch2/catch.hpp"
#include "tests/support/skip.h"
#include "tests/unit/probes/child.h"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

using testing::Child;
using testing::TempTree;

// Above every pid that a kernel hands out (PID_MAX_LIMIT): only a fixture
// tree knows it, and no pidfd of it can be opened.
constexpr pid_t kInvented = 5'000'000;

constexpr char kNoChildrenFile[] =
    "this kernel lists no children (CONFIG_PROC_CHILDREN)";

// A tracker and what it told.
class Watcher {
 public:
  explicit Watcher(std::string proc_root = "/proc", pid_t ignored = 0,
                   ProcessTracker::Ends ends = ProcessTracker::Ends::kInferred)
      : proc_(std::move(proc_root)),
        tracker_(proc_, ends, ignored, [this](Observation observation) {
          told_.push_back(std::move(observation));
        }) {}

  ProcessTracker& tracker() { return tracker_; }

  std::vector<ProcessStarted> Started() const {
    std::vector<ProcessStarted> started;
    for (const Observation& one : told_) {
      if (const auto* detail = std::get_if<ProcessStarted>(&one.detail)) {
        started.push_back(*detail);
      }
    }
    return started;
  }

  std::vector<ProcessId> Exited() const {
    std::vector<ProcessId> exited;
    for (const Observation& one : told_) {
      if (std::holds_alternative<ProcessExited>(one.detail)) {
        exited.push_back(one.process);
      }
    }
    return exited;
  }

  std::optional<ProcessStarted> StartOf(pid_t pid) const {
    for (const ProcessStarted& started : Started()) {
      if (started.process.id.pid == pid) return started;
    }
    return std::nullopt;
  }

  // Pids in the order in which `before_exit` was called for them.
  std::vector<pid_t> Sweep() {
    std::vector<pid_t> ended;
    tracker_.Sweep(
        [&](TrackedProcess& process) { ended.push_back(process.id.pid); });
    return ended;
  }

 private:
  const ProcReader proc_;
  ProcessTracker tracker_;
  std::vector<Observation> told_;
};

// Calls `done` until it answers true; false when five seconds did not do.
template <typename Done>
bool Eventually(const Done& done) {
  const absl::Time deadline = absl::Now() + absl::Seconds(5);
  while (absl::Now() < deadline) {
    if (done()) return true;
    std::this_thread::yield();
  }
  return false;
}

ProcessId SelfId() {
  return {::getpid(), ProcReader().Stat(::getpid())->start_ticks};
}

}  // namespace

TEST_CASE("a process is told of once, with its parent", "[tracker]") {
  const Child child;
  Watcher watcher;
  const TrackedProcess* process = watcher.tracker().FindByThread(child.pid());
  REQUIRE(process != nullptr);
  CHECK(process->id.pid == child.pid());
  CHECK(process->pidfd.valid());
  const auto start = watcher.StartOf(child.pid());
  REQUIRE(start);
  CHECK(start->process.parent == SelfId());
  CHECK_FALSE(start->inventory);

  const size_t told = watcher.Started().size();
  CHECK(watcher.tracker().FindByThread(child.pid()) == process);
  CHECK(watcher.Started().size() == told);
  CHECK(watcher.Exited().empty());
}

TEST_CASE("ancestors are told of first, as those that ran before",
          "[tracker]") {
  const Child child;
  Watcher watcher;
  REQUIRE(watcher.tracker().FindByThread(child.pid()) != nullptr);
  const std::vector<ProcessStarted> started = watcher.Started();
  REQUIRE(started.size() >= 2);
  CHECK(started.back().process.id.pid == child.pid());
  for (size_t i = 0; i + 1 < started.size(); ++i) {
    CHECK(started[i].inventory);
    CHECK(started[i + 1].process.parent == started[i].process.id);
  }
}

TEST_CASE("a thread is known as its process", "[tracker]") {
  std::promise<pid_t> tid;
  std::promise<void> done;
  std::thread thread([&] {
    tid.set_value(::gettid());
    done.get_future().wait();
  });
  Watcher watcher;
  const pid_t thread_id = tid.get_future().get();
  for (int i = 0; i < 2; ++i) {  // looked up, then remembered
    const TrackedProcess* process = watcher.tracker().FindByThread(thread_id);
    REQUIRE(process != nullptr);
    CHECK(process->id == SelfId());
    CHECK(process->threads.contains(thread_id));
  }
  CHECK_FALSE(watcher.StartOf(thread_id));
  done.set_value();
  thread.join();
}

TEST_CASE("a thread that is gone belongs to no process", "[tracker]") {
  pid_t tid = 0;
  Watcher watcher;
  std::thread([&] {
    tid = ::gettid();
    watcher.tracker().FindByThread(tid);
  }).join();
  // join() returns a moment before the kernel lets go of the thread.
  CHECK(Eventually(
      [&] { return watcher.tracker().FindByThread(tid) == nullptr; }));
  CHECK(watcher.tracker().Find(::getpid()) != nullptr);
}

TEST_CASE("a process that is gone is not taken in", "[tracker]") {
  Child child;
  const pid_t pid = child.pid();
  child.Kill();
  Watcher watcher;
  CHECK(watcher.tracker().FindByThread(pid) == nullptr);
  CHECK(watcher.Started().empty());
}

TEST_CASE("a killed process is told of by a sweep, once", "[tracker]") {
  Child child;
  const pid_t pid = child.pid();
  Watcher watcher;
  const ProcessId id = watcher.tracker().FindByThread(pid)->id;
  CHECK(watcher.Sweep().empty());
  child.Kill();
  CHECK(watcher.Sweep() == std::vector<pid_t>{pid});
  CHECK(watcher.Exited() == std::vector<ProcessId>{id});
  CHECK(watcher.tracker().Find(pid) == nullptr);
  CHECK(watcher.Sweep().empty());
  CHECK(watcher.Exited().size() == 1);
}

TEST_CASE("a process that said it exits is not told of again", "[tracker]") {
  Child child;
  const pid_t pid = child.pid();
  Watcher watcher;
  watcher.tracker().FindByThread(pid)->exit_seen = true;
  child.Kill();
  CHECK(watcher.Sweep() == std::vector<pid_t>{pid});
  CHECK(watcher.Exited().empty());
  CHECK(watcher.tracker().Find(pid) == nullptr);
}

TEST_CASE("when the filter is without users, all under it have ended",
          "[tracker]") {
  const Child child(/*children=*/2);
  Watcher watcher;
  TrackedProcess* parent = watcher.tracker().FindByThread(child.pid());
  REQUIRE(parent != nullptr);
  const ProcessId parent_id = parent->id;
  TrackedProcess* silent = watcher.tracker().FindByThread(child.children()[0]);
  REQUIRE(silent != nullptr);
  silent->exit_seen = true;
  // They live on here: nothing but the filter's word tells of their end.
  std::set<pid_t> ended;
  watcher.tracker().EndAll(
      [&](TrackedProcess& process) { ended.insert(process.id.pid); });
  CHECK(ended == std::set<pid_t>{child.pid(), child.children()[0]});
  CHECK(watcher.Exited() == std::vector<ProcessId>{parent_id});
  CHECK(watcher.tracker().Find(child.pid()) == nullptr);
  // This process is an ancestor and was never under the filter.
  CHECK(watcher.tracker().Find(::getpid()) != nullptr);
}

TEST_CASE("children are taken in with their parent's identity", "[tracker]") {
  const Child child(/*children=*/3);
  Watcher watcher;
  if (ProcReader().Children(child.pid()).size() != 3) {
    return testing::Skip(kNoChildrenFile);
  }
  TrackedProcess* parent = watcher.tracker().FindByThread(child.pid());
  REQUIRE(parent != nullptr);
  const ProcessId parent_id = parent->id;
  watcher.tracker().AdoptChildren(*parent);
  for (const pid_t pid : child.children()) {
    const auto start = watcher.StartOf(pid);
    REQUIRE(start);
    CHECK(start->process.parent == parent_id);
    CHECK_FALSE(start->inventory);
    CHECK(watcher.tracker().Find(pid) != nullptr);
  }
  const size_t told = watcher.Started().size();
  watcher.tracker().AdoptChildren(*watcher.tracker().FindByThread(child.pid()));
  CHECK(watcher.Started().size() == told);
}

TEST_CASE("the keeper is not taken for a child", "[tracker]") {
  const Child child(/*children=*/2);
  const pid_t keeper = child.children()[0];
  Watcher watcher("/proc", keeper);
  if (ProcReader().Children(child.pid()).size() != 2) {
    return testing::Skip(kNoChildrenFile);
  }
  watcher.tracker().AdoptChildren(*watcher.tracker().FindByThread(child.pid()));
  CHECK_FALSE(watcher.StartOf(keeper));
  CHECK(watcher.StartOf(child.children()[1]));
}

TEST_CASE("a pid that comes again is another process", "[tracker]") {
  const TempTree proc;
  proc.Process(1, 0, 10);
  proc.Process(kInvented, 1, 20);
  Watcher watcher(proc.path());
  REQUIRE(watcher.tracker().FindByThread(kInvented) != nullptr);
  proc.Process(kInvented, 1, 30);
  // Trusted for a moment, since a pid does not come again at once.
  CHECK(Eventually([&] {
    const auto* process = watcher.tracker().FindByThread(kInvented);
    return process != nullptr && process->id.start_ticks == 30;
  }));
  CHECK(watcher.Exited() == std::vector<ProcessId>{ProcessId{kInvented, 20}});
}

TEST_CASE("a sweep finds those that ended without a descriptor to tell",
          "[tracker]") {
  const TempTree proc;
  proc.Process(1, 0, 10);
  constexpr int kCount = 600;  // more than one sweep looks at
  for (int i = 0; i < kCount; ++i) proc.Process(kInvented + i, 1, 20);
  Watcher watcher(proc.path());
  for (int i = 0; i < kCount; ++i) {
    REQUIRE(watcher.tracker().FindByThread(kInvented + i) != nullptr);
  }
  proc.Remove(std::to_string(kInvented));
  proc.Remove(std::to_string(kInvented + kCount - 1));
  proc.Zombie(kInvented + 300, 1, 20);
  CHECK(Eventually([&] {
    watcher.Sweep();
    return watcher.Exited().size() == 3;
  }));
  CHECK(watcher.tracker().Find(kInvented + 300) == nullptr);
  CHECK(watcher.tracker().Find(kInvented) == nullptr);
  CHECK(watcher.tracker().Find(kInvented + 1) != nullptr);
  CHECK(watcher.tracker().Find(kInvented + kCount - 1) == nullptr);
}

TEST_CASE("a pending exec is visited until it is settled", "[tracker]") {
  const Child child;
  Watcher watcher;
  TrackedProcess* process = watcher.tracker().FindByThread(child.pid());
  REQUIRE(process != nullptr);
  process->pending_exec = PendingExec{};
  watcher.tracker().AddPending(*process);
  int visits = 0;
  const auto leave = [&](TrackedProcess& visited) {
    CHECK(visited.id.pid == child.pid());
    ++visits;
  };
  watcher.tracker().ForEachPending(leave);
  watcher.tracker().ForEachPending(leave);
  CHECK(visits == 2);
  watcher.tracker().ForEachPending([&](TrackedProcess& visited) {
    ++visits;
    visited.pending_exec.reset();
  });
  watcher.tracker().ForEachPending(leave);
  CHECK(visits == 3);
}

TEST_CASE("a process that ended has no exec pending", "[tracker]") {
  Child child;
  Watcher watcher;
  TrackedProcess* process = watcher.tracker().FindByThread(child.pid());
  process->pending_exec = PendingExec{};
  watcher.tracker().AddPending(*process);
  child.Kill();
  watcher.Sweep();
  watcher.tracker().ForEachPending(
      [](TrackedProcess&) { FAIL("visited after its end"); });
}

TEST_CASE("an end that is told is not looked for, and is told as it was",
          "[tracker]") {
  Watcher watcher("/proc", 0, ProcessTracker::Ends::kTold);
  Child child;
  const pid_t pid = child.pid();
  REQUIRE(watcher.tracker().FindByThread(pid) != nullptr);
  child.Kill();
  CHECK(watcher.Sweep().empty());
  CHECK(watcher.Exited().empty());
  ProcessExited killed;
  killed.signal = SIGKILL;
  watcher.tracker().EndOne(pid, killed);
  CHECK(watcher.Exited().size() == 1);
  CHECK(watcher.tracker().Find(pid) == nullptr);
}

TEST_CASE("the end of a process that was let go is looked for", "[tracker]") {
  Watcher watcher("/proc", 0, ProcessTracker::Ends::kTold);
  Child child;
  const pid_t pid = child.pid();
  REQUIRE(watcher.tracker().FindByThread(pid) != nullptr);
  watcher.tracker().LetGo(pid);
  child.Kill();
  watcher.Sweep();
  CHECK(watcher.Exited().size() == 1);
  CHECK(watcher.tracker().Find(pid) == nullptr);
}

TEST_CASE("a process that was running before is inventory", "[tracker]") {
  Watcher watcher;
  const Child child;
  watcher.tracker().TakeIn(child.pid());
  REQUIRE(watcher.StartOf(child.pid()).has_value());
  CHECK(watcher.StartOf(child.pid())->inventory);
}

TEST_CASE("a new process is its maker's child, and a new thread is none",
          "[tracker]") {
  Watcher watcher;
  const Child parent(1);
  const TrackedProcess* known = watcher.tracker().FindByThread(parent.pid());
  REQUIRE(known != nullptr);
  const ProcessId parent_id = known->id;
  const pid_t child = parent.children()[0];
  const size_t started = watcher.Started().size();
  watcher.tracker().AdoptChild(*known, parent.pid());  // one of its threads
  CHECK(watcher.Started().size() == started);
  watcher.tracker().AdoptChild(*known, child);
  REQUIRE(watcher.StartOf(child).has_value());
  CHECK(watcher.StartOf(child)->process.parent == parent_id);
  CHECK_FALSE(watcher.StartOf(child)->inventory);
}

}  // namespace gatewatch::probes
