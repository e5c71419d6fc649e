#include "probes/ptrace/registers.h"

#include <linux/audit.h>

#include <algorithm>

namespace gatewatch::probes {
namespace {

#if defined(__x86_64__)

constexpr uint32_t kNativeAudit = AUDIT_ARCH_X86_64;
constexpr uint64_t kX32Bit = 0x40000000;  // __X32_SYSCALL_BIT
constexpr uint64_t k64BitSegment = 0x33;  // __USER_CS

bool IsNative(const user_regs_struct& registers) {
  return registers.cs == k64BitSegment && (registers.orig_rax & kX32Bit) == 0;
}
int NumberOf(const user_regs_struct& registers) {
  return static_cast<int>(registers.orig_rax);
}
RegisterArguments ArgumentsOf(const user_regs_struct& registers) {
  return {registers.rdi, registers.rsi, registers.rdx,
          registers.r10, registers.r8,  registers.r9};
}
int64_t ResultOf(const user_regs_struct& registers) {
  return static_cast<int64_t>(registers.rax);
}
Place PlaceOf(const user_regs_struct& registers) {
  return {registers.rip, registers.rsp};
}

#elif defined(__aarch64__)

constexpr uint32_t kNativeAudit = AUDIT_ARCH_AARCH64;
constexpr uint64_t kX32Bit = 0;
constexpr uint64_t k32BitState = 0x10;  // PSR_MODE32_BIT

bool IsNative(const user_regs_struct& registers) {
  return (registers.pstate & k32BitState) == 0;
}
int NumberOf(const user_regs_struct& registers) {
  return static_cast<int>(registers.regs[8]);
}
RegisterArguments ArgumentsOf(const user_regs_struct& registers) {
  RegisterArguments arguments;
  std::copy_n(registers.regs, arguments.size(), arguments.begin());
  return arguments;
}
int64_t ResultOf(const user_regs_struct& registers) {
  return static_cast<int64_t>(registers.regs[0]);
}
Place PlaceOf(const user_regs_struct& registers) {
  return {registers.pc, registers.sp};
}

#else
#error "the registers of this architecture are not known"
#endif

}  // namespace

TracedCall CallOf(const __ptrace_syscall_info& info) {
  TracedCall call;
  call.place = {info.instruction_pointer, info.stack_pointer};
  if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
    call.moment = Moment::kExit;
    call.result = info.exit.rval;
    return call;
  }
  const bool filtered = info.op == PTRACE_SYSCALL_INFO_SECCOMP;
  const uint64_t number = filtered ? info.seccomp.nr : info.entry.nr;
  const auto* arguments = filtered ? info.seccomp.args : info.entry.args;
  call.native = info.arch == kNativeAudit && (number & kX32Bit) == 0 &&
                info.op != PTRACE_SYSCALL_INFO_NONE;
  call.number = static_cast<int>(number);
  std::copy_n(arguments, call.arguments.size(), call.arguments.begin());
  return call;
}

TracedCall CallOf(const user_regs_struct& registers, Moment moment) {
  TracedCall call;
  call.moment = moment;
  call.place = PlaceOf(registers);
  if (moment == Moment::kExit) {
    call.result = ResultOf(registers);
    return call;
  }
  call.native = IsNative(registers);
  call.number = NumberOf(registers);
  call.arguments = ArgumentsOf(registers);
  return call;
}

}  // namespace gatewatch::probes
