#include "probes/seccomp/filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

constexpr uint32_t kX32Bit = 0x40000000;
constexpr uint64_t kUpperHalfOnly = 0x100000000;

// The word at `offset` of what the kernel shows a filter; a filter may load
// aligned words inside of it only (seccomp_check_filter in the kernel).
uint32_t Word(const seccomp_data& data, uint32_t offset) {
  REQUIRE(offset % sizeof(uint32_t) == 0);
  REQUIRE(offset + sizeof(uint32_t) <= sizeof(data));
  uint32_t word;
  memcpy(&word, reinterpret_cast<const char*>(&data) + offset, sizeof(word));
  return word;
}

// Runs a program as the kernel's interpreter of classic BPF does, and fails
// the test at whatever the kernel would refuse. Counts its steps.
uint32_t Run(const std::vector<sock_filter>& program, const seccomp_data& data,
             size_t* steps = nullptr) {
  uint32_t accumulator = 0;
  for (size_t at = 0; at < program.size();) {
    const sock_filter& step = program[at++];
    if (steps != nullptr) ++*steps;
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        accumulator = Word(data, step.k);
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += accumulator == step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += accumulator > step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += accumulator >= step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (accumulator & step.k) != 0 ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JA:
        at += step.k;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= step.k;
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        FAIL("an instruction that no filter of ours has: " << step.code);
    }
  }
  FAIL("the program ran past its end");
  return 0;
}

uint32_t AuditArch(Architecture architecture) {
  return architecture == Architecture::kX86_64 ? AUDIT_ARCH_X86_64
                                               : AUDIT_ARCH_AARCH64;
}

class Filter {
 public:
  explicit Filter(Architecture architecture)
      : architecture_(architecture),
        program_(BuildFilter(SyscallTable(), architecture)) {}

  bool Observes(int number, const std::vector<uint64_t>& arguments = {}) const {
    return Observes(AuditArch(architecture_), number, arguments);
  }

  bool Observes(uint32_t arch, int number,
                const std::vector<uint64_t>& arguments) const {
    seccomp_data data{};
    data.nr = number;
    data.arch = arch;
    for (size_t i = 0; i < arguments.size(); ++i) data.args[i] = arguments[i];
    const uint32_t action = Run(program_, data);
    // A filter that answers anything else would change the workload.
    REQUIRE((action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_USER_NOTIF));
    return action == SECCOMP_RET_USER_NOTIF;
  }

  int NumberOf(absl::string_view name) const {
    for (const SyscallRow& row : SyscallTable()) {
      if (row.name == name) return row.number(architecture_);
    }
    FAIL("not in the table: " << name);
    return -1;
  }

  size_t size() const { return program_.size(); }

 private:
  const Architecture architecture_;
  const std::vector<sock_filter> program_;
};

Architecture AnyArchitecture() {
  return GENERATE(Architecture::kX86_64, Architecture::kAarch64);
}

// What a test means, said without jumps.
bool Wanted(const ArgumentTest& test, const std::vector<uint64_t>& arguments) {
  const uint64_t value = arguments.at(test.argument);
  const auto word = static_cast<uint32_t>(value);
  bool listed = false;
  for (const uint32_t one : test.values) listed |= word == one;
  const uint32_t mask = test.values[0];
  switch (test.kind) {
    case ArgumentTest::Kind::kAlways:
      return true;
    case ArgumentTest::Kind::kNever:
      return false;
    case ArgumentTest::Kind::kNonZero:
      return value != 0;
    case ArgumentTest::Kind::kAtMost:
      return word <= test.values[0];
    case ArgumentTest::Kind::kOneOf:
      return listed;
    case ArgumentTest::Kind::kNoneOf:
      return !listed;
    case ArgumentTest::Kind::kAnyBit:
      return (word & mask) != 0;
    case ArgumentTest::Kind::kAllBits:
      return (~word & mask) == 0;
  }
  return false;
}

bool Wanted(const SyscallRow& row, const std::vector<uint64_t>& arguments) {
  if (row.reach == Reach::kInKernel) return false;
  return Wanted(row.or_test, arguments) ||
         (Wanted(row.test, arguments) && Wanted(row.and_test, arguments));
}

// Values on both sides of every decision that a test may make.
std::vector<uint64_t> TellingValues() {
  std::vector<uint64_t> values = {0, kUpperHalfOnly, UINT64_MAX, UINT32_MAX,
                                  0x4206};  // PTRACE_SEIZE
  for (uint64_t low = 1; low < 40; ++low) {
    values.push_back(low);
    values.push_back(low | kUpperHalfOnly);
  }
  for (int bit = 6; bit < 32; ++bit) values.push_back(uint64_t{1} << bit);
  return values;
}

}  // namespace

TEST_CASE("a call of another architecture passes", "[filter]") {
  const Filter x86(Architecture::kX86_64);
  const Filter arm(Architecture::kAarch64);
  for (int number = 0; number < 512; ++number) {
    CHECK_FALSE(x86.Observes(AUDIT_ARCH_I386, number, {1, 1, 1, 1, 1, 1}));
    CHECK_FALSE(x86.Observes(AUDIT_ARCH_AARCH64, number, {1, 1, 1, 1, 1, 1}));
    CHECK_FALSE(arm.Observes(AUDIT_ARCH_ARM, number, {1, 1, 1, 1, 1, 1}));
    CHECK_FALSE(arm.Observes(AUDIT_ARCH_X86_64, number, {1, 1, 1, 1, 1, 1}));
  }
}

TEST_CASE("an x32 call passes", "[filter]") {
  const Filter filter(Architecture::kX86_64);
  for (const SyscallRow& row : SyscallTable()) {
    if (row.x86_64 < 0) continue;
    CAPTURE(row.name);
    const auto number = static_cast<uint32_t>(row.x86_64) | kX32Bit;
    CHECK_FALSE(filter.Observes(static_cast<int>(number), {1, 1, 1, 1, 1, 1}));
  }
}

TEST_CASE("a number that is not in the table passes", "[filter]") {
  const Architecture architecture = AnyArchitecture();
  const Filter filter(architecture);
  std::vector<bool> in_table(1024);
  for (const SyscallRow& row : SyscallTable()) {
    const int number = row.number(architecture);
    if (number >= 0) in_table[static_cast<size_t>(number)] = true;
  }
  for (int number = 0; number < 1024; ++number) {
    if (in_table[static_cast<size_t>(number)]) continue;
    CAPTURE(number);
    CHECK_FALSE(filter.Observes(number, {1, 1, 1, 1, 1, 1}));
  }
  for (const int number : {-1, INT32_MIN, INT32_MAX}) {
    CHECK_FALSE(filter.Observes(number, {1, 1, 1, 1, 1, 1}));
  }
}

TEST_CASE("a row is observed exactly when its tests hold", "[filter]") {
  const Architecture architecture = AnyArchitecture();
  const Filter filter(architecture);
  const std::vector<uint64_t> values = TellingValues();
  for (const SyscallRow& row : SyscallTable()) {
    if (row.number(architecture) < 0) continue;
    const bool two = row.and_test.kind != ArgumentTest::Kind::kAlways;
    for (const uint64_t value : values) {
      for (const uint64_t other : two ? values : std::vector<uint64_t>{0}) {
        std::vector<uint64_t> arguments(6, 0);
        arguments[row.and_test.argument] = other;
        arguments[row.test.argument] = value;
        const bool observed =
            filter.Observes(row.number(architecture), arguments);
        // A CHECK for each of these is slow.
        if (observed == Wanted(row, arguments)) continue;
        CAPTURE(row.name, value, other);
        FAIL_CHECK("observed: " << observed);
      }
    }
  }
}

TEST_CASE("a rung without a filter decides as the filter does", "[filter]") {
  for (const SyscallRow& row : SyscallTable()) {
    for (const uint64_t value : TellingValues()) {
      RegisterArguments arguments{};
      arguments[row.test.argument] = value;
      if (row.reach == Reach::kInKernel) continue;
      CAPTURE(row.name, value);
      CHECK(IsOfInterest(row, arguments) ==
            Wanted(row, {arguments.begin(), arguments.end()}));
    }
  }
}

TEST_CASE("memory is observed when it is writable code, or code of no file",
          "[filter]") {
  const Filter filter(AnyArchitecture());
  const int mmap = filter.NumberOf("mmap");
  const auto maps = [&](uint64_t protection, uint64_t flags) {
    return filter.Observes(mmap, {0, 4096, protection, flags, 3, 0});
  };
  // As a loader maps a library.
  CHECK_FALSE(maps(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED));
  CHECK_FALSE(maps(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS));
  CHECK(maps(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS));
  CHECK(maps(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED));
  const int mprotect = filter.NumberOf("mprotect");
  CHECK_FALSE(filter.Observes(mprotect, {1, 1, PROT_READ | PROT_EXEC}));
  CHECK(filter.Observes(mprotect, {1, 1, PROT_WRITE | PROT_EXEC}));
}

TEST_CASE("a clone is observed when it makes namespaces", "[filter]") {
  const Filter filter(AnyArchitecture());
  const int clone = filter.NumberOf("clone");
  CHECK_FALSE(filter.Observes(clone, {SIGCHLD}));
  CHECK_FALSE(filter.Observes(clone, {CLONE_VM | CLONE_THREAD | CLONE_FILES}));
  CHECK(filter.Observes(clone, {CLONE_NEWUSER | SIGCHLD}));
  // 0x80 is a bit of the exit signal here, and CLONE_NEWTIME elsewhere.
  CHECK_FALSE(filter.Observes(clone, {0x80}));
  CHECK(filter.Observes(filter.NumberOf("unshare"), {0x80}));
}

TEST_CASE("the signals of a runtime to its own threads pass", "[filter]") {
  const Filter filter(AnyArchitecture());
  const int tgkill = filter.NumberOf("tgkill");
  CHECK_FALSE(filter.Observes(tgkill, {7, 8, SIGURG}));
  CHECK_FALSE(filter.Observes(tgkill, {7, 8, 0}));
  CHECK_FALSE(filter.Observes(tgkill, {7, 8, 33}));
  CHECK(filter.Observes(tgkill, {7, 8, SIGKILL}));
  CHECK_FALSE(filter.Observes(filter.NumberOf("kill"), {7, 0}));
}

TEST_CASE("what only the kernel can judge cheaply passes", "[filter]") {
  const Filter filter(AnyArchitecture());
  for (const absl::string_view name : {"sendmsg", "sendmmsg", "clone3"}) {
    CAPTURE(name);
    CHECK_FALSE(filter.Observes(filter.NumberOf(name), {1, 1, 1, 1, 1, 1}));
  }
}

TEST_CASE("a test looks at its own argument alone", "[filter]") {
  const Filter filter(AnyArchitecture());
  const int sendto = filter.NumberOf("sendto");
  CHECK_FALSE(filter.Observes(sendto, {1, 1, 1, 1, 0, 1}));
  CHECK(filter.Observes(sendto, {0, 0, 0, 0, 1, 0}));
  const int dup3 = filter.NumberOf("dup3");
  CHECK_FALSE(filter.Observes(dup3, {0, 3, 0, 0, 0, 0}));
  CHECK(filter.Observes(dup3, {9, 2, 9, 9, 9, 9}));
}

TEST_CASE("a send is observed when it has an address, wherever it lies",
          "[filter]") {
  const Filter filter(AnyArchitecture());
  const int sendto = filter.NumberOf("sendto");
  CHECK_FALSE(filter.Observes(sendto, {3, 0x7f00, 10, 0, 0, 0}));
  CHECK(filter.Observes(sendto, {3, 0x7f00, 10, 0, 0x7ffd1000, 16}));
  CHECK(filter.Observes(sendto, {3, 0x7f00, 10, 0, kUpperHalfOnly, 16}));
}

TEST_CASE("a dup onto the standard descriptors is observed", "[filter]") {
  const Filter filter(AnyArchitecture());
  const int dup3 = filter.NumberOf("dup3");
  CHECK(filter.Observes(dup3, {7, 0}));
  CHECK(filter.Observes(dup3, {7, 2}));
  CHECK_FALSE(filter.Observes(dup3, {7, 3}));
  // The kernel takes the lower half: garbage above it hides nothing.
  CHECK(filter.Observes(dup3, {7, kUpperHalfOnly | 1}));
  CHECK_FALSE(filter.Observes(dup3, {7, UINT32_MAX}));
}

TEST_CASE("a filter without rows lets everything pass", "[filter]") {
  const auto program = BuildFilter({}, Architecture::kX86_64);
  seccomp_data data{};
  data.arch = AUDIT_ARCH_X86_64;
  data.nr = 59;
  CHECK(Run(program, data) == SECCOMP_RET_ALLOW);
}

TEST_CASE("a filter fits the kernel's limit", "[filter]") {
  CHECK(Filter(AnyArchitecture()).size() < BPF_MAXINSNS);
}

TEST_CASE("a call that is not observed costs a handful of steps", "[filter]") {
  const auto program = BuildFilter(SyscallTable(), Architecture::kX86_64);
  for (int number = 0; number < 512; ++number) {
    seccomp_data data{};
    data.arch = AUDIT_ARCH_X86_64;
    data.nr = number;
    size_t steps = 0;
    if (Run(program, data, &steps) == SECCOMP_RET_USER_NOTIF) continue;
    CAPTURE(number);
    CHECK(steps <= 24);
  }
}

TEST_CASE("a tracing filter stops what a notifying one notifies of",
          "[filter]") {
  const auto notifying = BuildFilter(SyscallTable(), Architecture::kX86_64);
  const auto tracing =
      BuildFilter(SyscallTable(), Architecture::kX86_64, FilterAction::kTrace);
  for (int number = 0; number < 512; ++number) {
    seccomp_data data{};
    data.arch = AUDIT_ARCH_X86_64;
    data.nr = number;
    const uint32_t notified = Run(notifying, data);
    CAPTURE(number);
    CHECK(Run(tracing, data) ==
          (notified == SECCOMP_RET_USER_NOTIF ? SECCOMP_RET_TRACE : notified));
  }
}

}  // namespace gatewatch::probes
