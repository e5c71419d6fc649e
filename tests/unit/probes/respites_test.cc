#include "probes/ptrace/respites.h"

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr ProcessId kProcess = {10, 100};

// How long it lasts from `begin_ns` on, in seconds.
uint64_t LengthOf(const Respites& respites, uint64_t begin_ns) {
  uint64_t now_ns = begin_ns;
  while (!respites.IsDue(kProcess.pid, now_ns)) now_ns += kSecond;
  return (now_ns - begin_ns) / kSecond;
}

}  // namespace

TEST_CASE("a process has its respite until its time is over", "[ptrace]") {
  Respites respites;
  CHECK_FALSE(respites.any());
  respites.Begin(kProcess, 5 * kSecond);
  CHECK(respites.Has(kProcess.pid));
  CHECK_FALSE(respites.IsDue(kProcess.pid, 5 * kSecond));
  CHECK(respites.IsDue(kProcess.pid, 6 * kSecond));
  respites.End(kProcess.pid, 6 * kSecond);
  CHECK_FALSE(respites.any());
  CHECK_FALSE(respites.IsDue(kProcess.pid, 100 * kSecond));
}

TEST_CASE("who needs a respite again and again gets longer ones, to a limit",
          "[ptrace]") {
  Respites respites;
  uint64_t now_ns = kSecond, last = 0;
  for (int i = 0; i < 10; ++i) {
    respites.Begin(kProcess, now_ns);
    const uint64_t length = LengthOf(respites, now_ns);
    CHECK((length > last || length == 60));
    last = length;
    now_ns += length * kSecond;
    respites.End(kProcess.pid, now_ns);
  }
  CHECK(last == 60);
}

TEST_CASE("a respite that is long past is forgiven", "[ptrace]") {
  Respites respites;
  respites.Begin(kProcess, kSecond);
  const uint64_t first = LengthOf(respites, kSecond);
  respites.End(kProcess.pid, 10 * kSecond);
  respites.Begin(kProcess, 1000 * kSecond);
  CHECK(LengthOf(respites, 1000 * kSecond) == first);
}

TEST_CASE("another process of the same pid has no past", "[ptrace]") {
  Respites respites;
  respites.Begin(kProcess, kSecond);
  respites.End(kProcess.pid, 2 * kSecond);
  const ProcessId other = {kProcess.pid, 200};
  respites.Begin(other, 3 * kSecond);
  CHECK(LengthOf(respites, 3 * kSecond) == 1);
  CHECK(respites.running() == std::vector<ProcessId>{other});
}

TEST_CASE("a second thread of a process does not lengthen its respite",
          "[ptrace]") {
  Respites respites;
  respites.Begin(kProcess, kSecond);
  respites.Begin(kProcess, kSecond + 1);
  CHECK(LengthOf(respites, kSecond) == 1);
}

TEST_CASE("what cannot be traced again is tried later", "[ptrace]") {
  Respites respites;
  respites.Begin(kProcess, 0);
  respites.Extend(kProcess.pid, kSecond);
  CHECK_FALSE(respites.IsDue(kProcess.pid, 2 * kSecond));
  CHECK(respites.IsDue(kProcess.pid, 3 * kSecond));
  respites.Forget(kProcess.pid);
  CHECK_FALSE(respites.any());
}

}  // namespace gatewatch::probes
