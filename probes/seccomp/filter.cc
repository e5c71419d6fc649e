#include "probes/seccomp/filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>

namespace gatewatch::probes {
namespace {

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
// __X32_SYSCALL_BIT: an x32 call has the x86-64 architecture and this bit.
constexpr uint32_t kX32Bit = 0x40000000;

constexpr sock_filter Load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
constexpr sock_filter Return(uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}
constexpr sock_filter JumpIf(uint16_t comparison, uint32_t value,
                             uint8_t if_true, uint8_t if_false) {
  return BPF_JUMP(static_cast<uint16_t>(BPF_JMP | comparison | BPF_K), value,
                  if_true, if_false);
}

// Both architectures are little-endian: the lower half comes first.
constexpr size_t LowerHalf(uint8_t argument) {
  return offsetof(seccomp_data, args) + sizeof(uint64_t) * argument;
}
constexpr size_t UpperHalf(uint8_t argument) {
  return LowerHalf(argument) + sizeof(uint32_t);
}

using Program = std::vector<sock_filter>;

Program Join(std::initializer_list<Program> parts) {
  Program whole;
  for (const Program& part : parts) {
    whole.insert(whole.end(), part.begin(), part.end());
  }
  return whole;
}

// How far a jump passes over `part`. What follows a number is short.
uint8_t Over(const Program& part) { return static_cast<uint8_t>(part.size()); }

// Goes on with `yes` or with `no`, each of which ends in a return.
Program Branch(const ArgumentTest& test, const Program& yes,
               const Program& no) {
  const sock_filter load = Load(LowerHalf(test.argument));
  const auto& values = test.values;
  switch (test.kind) {
    case ArgumentTest::Kind::kAlways:
      return yes;
    case ArgumentTest::Kind::kNever:
      return no;
    case ArgumentTest::Kind::kNonZero:
      return Join(
          {{load, JumpIf(BPF_JEQ, 0, 0, 2), Load(UpperHalf(test.argument)),
            JumpIf(BPF_JEQ, 0, Over(yes), 0)},
           yes,
           no});
    case ArgumentTest::Kind::kAtMost:
      return Join({{load, JumpIf(BPF_JGT, values[0], Over(yes), 0)}, yes, no});
    case ArgumentTest::Kind::kOneOf:
      return Join(
          {{load, JumpIf(BPF_JEQ, values[0], 3, 0),
            JumpIf(BPF_JEQ, values[1], 2, 0), JumpIf(BPF_JEQ, values[2], 1, 0),
            JumpIf(BPF_JEQ, values[3], 0, Over(yes))},
           yes,
           no});
    case ArgumentTest::Kind::kNoneOf: {
      ArgumentTest one_of = test;
      one_of.kind = ArgumentTest::Kind::kOneOf;
      return Branch(one_of, no, yes);
    }
    case ArgumentTest::Kind::kAnyBit:
      return Join({{load, JumpIf(BPF_JSET, values[0], 0, Over(yes))}, yes, no});
    case ArgumentTest::Kind::kAllBits:
      return Join({{load, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, values[0]),
                    JumpIf(BPF_JEQ, values[0], 0, Over(yes))},
                   yes,
                   no});
  }
  return no;
}

// What follows when the number is the row's; `hold` is for what is observed.
Program TestArguments(const SyscallRow& row, sock_filter hold) {
  const Program otherwise = Branch(row.or_test, {hold}, {Return(kAllow)});
  return Branch(row.test, Branch(row.and_test, {hold}, otherwise), otherwise);
}

struct Observed {
  uint32_t number;
  const SyscallRow* row;
};

std::vector<Observed> ObservedNumbers(absl::Span<const SyscallRow> rows,
                                      Architecture architecture) {
  std::vector<Observed> numbers;
  for (const SyscallRow& row : rows) {
    const int number = row.number(architecture);
    if (number < 0 || row.reach == Reach::kInKernel) continue;
    numbers.push_back({static_cast<uint32_t>(number), &row});
  }
  std::sort(
      numbers.begin(), numbers.end(),
      [](const Observed& a, const Observed& b) { return a.number < b.number; });
  return numbers;
}

// Finds the number, which is loaded, by halving: a call that is not observed
// costs as many comparisons as the count of those that are has bits.
Program Search(absl::Span<const Observed> numbers, sock_filter hold) {
  if (numbers.empty()) return {Return(kAllow)};
  if (numbers.size() == 1) {
    const Program tests = TestArguments(*numbers[0].row, hold);
    return Join({{JumpIf(BPF_JEQ, numbers[0].number, 0, Over(tests))},
                 tests,
                 {Return(kAllow)}});
  }
  const size_t middle = numbers.size() / 2;
  const Program below = Search(numbers.first(middle), hold);
  const Program above = Search(numbers.subspan(middle), hold);
  // A condition jumps 255 steps at most; a jump without one, any distance.
  const auto distance = static_cast<uint32_t>(below.size());
  return Join({{JumpIf(BPF_JGE, numbers[middle].number, 0, 1),
                BPF_STMT(BPF_JMP | BPF_JA, distance)},
               below,
               above});
}

sock_filter HoldBy(FilterAction action) {
  return Return(action == FilterAction::kTrace ? SECCOMP_RET_TRACE
                                               : SECCOMP_RET_USER_NOTIF);
}

uint32_t AuditArchitecture(Architecture architecture) {
  return architecture == Architecture::kX86_64 ? AUDIT_ARCH_X86_64
                                               : AUDIT_ARCH_AARCH64;
}

}  // namespace

std::vector<sock_filter> BuildFilter(absl::Span<const SyscallRow> rows,
                                     Architecture architecture,
                                     FilterAction action) {
  return Join({{Load(offsetof(seccomp_data, arch)),
                JumpIf(BPF_JEQ, AuditArchitecture(architecture), 1, 0),
                Return(kAllow), Load(offsetof(seccomp_data, nr)),
                JumpIf(BPF_JGE, kX32Bit, 0, 1), Return(kAllow)},
               Search(ObservedNumbers(rows, architecture), HoldBy(action))});
}

}  // namespace gatewatch::probes
