#include "probes/calls/call_observer.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <deque>

#include "catch2/catch.hpp"
#include "tests/unit/probes/child.h"

namespace gatewatch::probes {
namespace {

using gatewatch::testing::Child;
using Ends = ProcessTracker::Ends;
using Sighting = CallObserver::Sighting;

constexpr Outcome kUnknown = {};
constexpr Outcome kSucceeded = {OutcomeStatus::kSucceeded, 0, 3};
constexpr Outcome kDenied = {OutcomeStatus::kFailed, EACCES, -1};
constexpr Outcome kMissing = {OutcomeStatus::kFailed, ENOENT, -1};

int NumberOf(absl::string_view name) {
  for (const SyscallRow& row : SyscallTable()) {
    if (row.name == name) return row.number(NativeArchitecture());
  }
  FAIL("no such call");
  return -1;
}

// An observer of this very process, whose memory holds the arguments.
class Observing {
 public:
  explicit Observing(Ends ends = Ends::kTold) : observer_(ends, 0, queue_) {}

  CallObserver& observer() { return observer_; }

  Sighting Open(const char* path, int flags = O_RDONLY) {
    CallObserver::Call call;
    call.tid = ::getpid();
    call.number = NumberOf("openat");
    call.arguments = {static_cast<uint64_t>(AT_FDCWD),
                      reinterpret_cast<uint64_t>(path),
                      static_cast<uint64_t>(flags)};
    return observer_.Look(call);
  }

  template <typename Detail>
  std::deque<Observation> Taken() {
    std::deque<Observation> found;
    for (Observation& one : queue_.Take(absl::ZeroDuration())) {
      if (std::holds_alternative<Detail>(one.detail)) {
        found.push_back(std::move(one));
      }
    }
    return found;
  }

 private:
  ObservationQueue queue_{1000};
  CallObserver observer_;
};

}  // namespace

TEST_CASE("a call is observed with the outcome that it was committed with") {
  Observing observing;
  Sighting sighting = observing.Open("/etc/passwd");
  REQUIRE(sighting.needs_outcome());
  observing.observer().Commit(std::move(sighting), kDenied);
  const auto opens = observing.Taken<FileOpened>();
  REQUIRE(opens.size() == 1);
  CHECK(opens[0].outcome.status == OutcomeStatus::kFailed);
  CHECK(opens[0].outcome.error == EACCES);
  CHECK(std::get<FileOpened>(opens[0].detail).file.path == "/etc/passwd");
}

TEST_CASE("a call that is not committed leaves no trace") {
  Observing observing;
  observing.Open("/etc/passwd");
  CHECK(observing.Open("/etc/passwd").kind == Sighting::Kind::kObservation);
  CHECK(observing.Taken<FileOpened>().empty());
}

TEST_CASE("what is left out is counted when it was carried out") {
  Observing observing;
  observing.observer().Limit(CaptureLevel::kNoFileReads);
  Sighting sighting = observing.Open("/etc/passwd");
  CHECK(sighting.kind == Sighting::Kind::kLeftOut);
  CHECK_FALSE(sighting.needs_outcome());
  observing.Open("/etc/passwd");  // interrupted, say
  observing.observer().Commit(std::move(sighting));
  CHECK(observing.Open("/etc/passwd", O_WRONLY).kind ==
        Sighting::Kind::kObservation);
  observing.observer().Finish(false);
  const auto losses = observing.Taken<ObservationsLost>();
  REQUIRE(losses.size() == 1);
  const auto& lost = std::get<ObservationsLost>(losses[0].detail);
  CHECK(lost.reason == LossReason::kThrottled);
  REQUIRE(lost.counts.size() == 1);
  CHECK(lost.counts[0].syscall == "openat");
  CHECK(lost.counts[0].count == 1);
  CHECK(observing.observer().counters().throttled == 1);
  CHECK(observing.observer().counters().observed == 0);
}

TEST_CASE("a repeat of what succeeded needs no outcome") {
  Observing observing;
  observing.observer().Commit(observing.Open("/etc/passwd"), kSucceeded);
  Sighting again = observing.Open("/etc/passwd");
  CHECK(again.kind == Sighting::Kind::kRepeat);
  CHECK_FALSE(again.needs_outcome());
}

TEST_CASE("a success after failures is not folded into them") {
  Observing observing;
  for (const Outcome& outcome : {kDenied, kDenied, kSucceeded}) {
    observing.observer().Commit(observing.Open("/etc/passwd"), outcome);
  }
  const auto opens = observing.Taken<FileOpened>();
  REQUIRE(opens.size() == 2);
  CHECK(opens[0].outcome.error == EACCES);
  CHECK(opens[1].outcome.status == OutcomeStatus::kSucceeded);
  observing.observer().Finish(false);
  const auto repeats = observing.Taken<FileOpened>();
  REQUIRE(repeats.size() == 1);
  CHECK(repeats[0].outcome.error == EACCES);
  CHECK(repeats[0].count == 1);
}

TEST_CASE("what vanished before the call was carried out is no event") {
  Observing observing;
  observing.observer().Commit(observing.Open("/etc/passwd"), kMissing);
  CHECK(observing.Taken<FileOpened>().empty());
}

TEST_CASE("a process that was forked is told before it calls") {
  Observing observing;
  const Child child;
  observing.observer().Forked(::getpid(), child.pid());
  const auto started = observing.Taken<ProcessStarted>();
  REQUIRE_FALSE(started.empty());
  CHECK(started.back().process.pid == child.pid());
  CHECK(std::get<ProcessStarted>(started.back().detail).process.parent.pid ==
        ::getpid());
}

TEST_CASE("an exec that was not seen at its entry is named by its image") {
  Observing observing;
  observing.observer().Execed(::getpid(), {});
  const auto execs = observing.Taken<ProcessExeced>();
  REQUIRE(execs.size() == 1);
  const auto& exec = std::get<ProcessExeced>(execs[0].detail);
  CHECK(exec.confirmed);
  CHECK(exec.filename == exec.after.executable.path);
  CHECK_FALSE(exec.after.arguments.empty());
}

TEST_CASE("the end of a process is told with its signal") {
  Observing observing;
  const Child child;
  observing.observer().TakeIn(child.pid());
  ProcessExited killed;
  killed.signal = SIGKILL;
  observing.observer().Ended(child.pid(), killed);
  const auto exits = observing.Taken<ProcessExited>();
  REQUIRE(exits.size() == 1);
  CHECK(std::get<ProcessExited>(exits[0].detail).signal == SIGKILL);
}

TEST_CASE("a call of a process that is gone is counted") {
  Observing observing;
  CallObserver::Call call;
  call.tid = 5'000'000;
  call.number = NumberOf("openat");
  CHECK(observing.observer().Look(call).kind == Sighting::Kind::kNothing);
  CHECK(observing.observer().counters().gone == 1);
}

TEST_CASE("a call without a known outcome folds as it comes") {
  Observing observing(Ends::kInferred);
  observing.observer().Commit(observing.Open("/etc/passwd"), kUnknown);
  observing.observer().Commit(observing.Open("/etc/passwd"), kUnknown);
  CHECK(observing.Taken<FileOpened>().size() == 1);
  CHECK(observing.observer().counters().folded == 1);
}

}  // namespace gatewatch::probes
