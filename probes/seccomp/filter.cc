#include "probes/seccomp/filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cstddef>

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

// What follows when the number is the row's; every path ends in a return,
// `hold` where the call is to be observed.
std::vector<sock_filter> TestArguments(const ArgumentTest& test,
                                       sock_filter hold) {
  switch (test.kind) {
    case ArgumentTest::Kind::kAlways:
      return {hold};
    case ArgumentTest::Kind::kNonZero:
      return {Load(LowerHalf(test.argument)),
              JumpIf(BPF_JEQ, 0, 0, 2),
              Load(UpperHalf(test.argument)),
              JumpIf(BPF_JEQ, 0, 1, 0),
              hold,
              Return(kAllow)};
    case ArgumentTest::Kind::kAtMost:
      return {Load(LowerHalf(test.argument)),
              JumpIf(BPF_JGT, test.values[0], 1, 0), hold, Return(kAllow)};
    case ArgumentTest::Kind::kOneOf:
      return {Load(LowerHalf(test.argument)),
              JumpIf(BPF_JEQ, test.values[0], 4, 0),
              JumpIf(BPF_JEQ, test.values[1], 3, 0),
              JumpIf(BPF_JEQ, test.values[2], 2, 0),
              JumpIf(BPF_JEQ, test.values[3], 1, 0),
              Return(kAllow),
              hold};
  }
  return {Return(kAllow)};
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
  std::vector<sock_filter> program = {
      Load(offsetof(seccomp_data, arch)),
      JumpIf(BPF_JEQ, AuditArchitecture(architecture), 1, 0),
      Return(kAllow),
      Load(offsetof(seccomp_data, nr)),
      JumpIf(BPF_JGE, kX32Bit, 0, 1),
      Return(kAllow),
  };
  for (const SyscallRow& row : rows) {
    const int number = row.number(architecture);
    if (number < 0) continue;
    const std::vector<sock_filter> test =
        TestArguments(row.test, HoldBy(action));
    program.push_back(JumpIf(BPF_JEQ, static_cast<uint32_t>(number), 0,
                             static_cast<uint8_t>(test.size())));
    program.insert(program.end(), test.begin(), test.end());
  }
  program.push_back(Return(kAllow));
  return program;
}

}  // namespace gatewatch::probes
