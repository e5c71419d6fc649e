#include "probes/ptrace/stop.h"

#include <signal.h>
#include <sys/ptrace.h>

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

constexpr pid_t kTid = 1234;

// The wait statuses of ptrace(2).
constexpr int Stopped(int signal, int event = 0) {
  return event << 16 | signal << 8 | 0x7f;
}

StopKind KindOf(int status) { return DecodeStop(kTid, status).kind; }

}  // namespace

TEST_CASE("an end says with which code or signal", "[ptrace]") {
  const Stop exited = DecodeStop(kTid, 7 << 8);
  CHECK(exited.tid == kTid);
  CHECK(exited.kind == StopKind::kExited);
  CHECK(exited.value == 7);
  const Stop dumped = DecodeStop(kTid, SIGSEGV | 0x80);
  CHECK(dumped.kind == StopKind::kKilled);
  CHECK(dumped.value == SIGSEGV);
}

TEST_CASE("a call's stop is not taken for SIGTRAP", "[ptrace]") {
  CHECK(KindOf(Stopped(SIGTRAP | 0x80)) == StopKind::kCall);
  const Stop breakpoint = DecodeStop(kTid, Stopped(SIGTRAP));
  CHECK(breakpoint.kind == StopKind::kSignal);
  CHECK(breakpoint.value == SIGTRAP);
}

TEST_CASE("a group stop is not taken for the delivery of its signal",
          "[ptrace]") {
  for (const int signal : {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU}) {
    CHECK(KindOf(Stopped(signal, PTRACE_EVENT_STOP)) == StopKind::kGroupStop);
    const Stop delivery = DecodeStop(kTid, Stopped(signal));
    CHECK(delivery.kind == StopKind::kSignal);
    CHECK(delivery.value == signal);
  }
}

TEST_CASE("every event that is asked for has its kind", "[ptrace]") {
  const auto event = [](int number) { return Stopped(SIGTRAP, number); };
  CHECK(KindOf(event(PTRACE_EVENT_FORK)) == StopKind::kFork);
  CHECK(KindOf(event(PTRACE_EVENT_VFORK)) == StopKind::kFork);
  CHECK(KindOf(event(PTRACE_EVENT_CLONE)) == StopKind::kFork);
  CHECK(KindOf(event(PTRACE_EVENT_EXEC)) == StopKind::kExec);
  CHECK(KindOf(event(PTRACE_EVENT_SECCOMP)) == StopKind::kFilter);
  CHECK(KindOf(event(PTRACE_EVENT_STOP)) == StopKind::kTrap);
}

TEST_CASE("an event that was not asked for delivers no signal", "[ptrace]") {
  const Stop stop = DecodeStop(kTid, Stopped(SIGTRAP, PTRACE_EVENT_EXIT));
  CHECK(stop.kind == StopKind::kTrap);
  CHECK(stop.value == 0);
}

TEST_CASE("a real-time signal is delivered as it is", "[ptrace]") {
  const Stop stop = DecodeStop(kTid, Stopped(64));
  CHECK(stop.kind == StopKind::kSignal);
  CHECK(stop.value == 64);
}

}  // namespace gatewatch::probes
