#include "probes/seccomp/injection.h"

#include "base/status.h"
#include "probes/seccomp/payload.h"

#if defined(__x86_64__)

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/files.h"
#include "probes/seccomp/payload_image.h"
#include "probes/seccomp/stopped_thread.h"
#include "probes/seccomp/vdso_room.h"

namespace gatewatch::probes {
namespace {

// A thread that waits for a vfork(2) child, or for a slow disk, does not stop.
constexpr absl::Duration kStopPatience = absl::Milliseconds(500);
// A thread that computes may make no call for long.
constexpr absl::Duration kCallPatience = absl::Milliseconds(10);
constexpr absl::Duration kStepPatience = absl::Seconds(4);
constexpr size_t kSyscallInstruction = 2;  // bytes

// asm/errno.h has these for the kernel only (include/linux/errno.h).
constexpr long kRestartSys = -512, kRestartNoInterrupt = -513,
               kRestartNoHandler = -514, kRestartBlock = -516;

// Where a thread is to go on.
struct Position {
  user_regs_struct registers;
  bool before_call = false;  // it was about to enter the system call
};

bool InCall(const user_regs_struct& registers) {
  return static_cast<long>(registers.orig_rax) >= 0;
}

// A sequence of instructions that may be restarted but not interrupted and
// continued (rseq(2)). Kernels before 5.13 do not tell, nor do they have a C
// library that uses any.
bool InRestartableSequence(pid_t pid, uint64_t ip) {
  __ptrace_rseq_configuration where{};
  if (::ptrace(PTRACE_GET_RSEQ_CONFIGURATION, pid, sizeof(where), &where) <=
          0 ||
      where.rseq_abi_pointer == 0) {
    return false;
  }
  uint64_t descriptor = 0;
  struct {
    uint32_t version, flags;
    uint64_t start, length, abort;
  } sequence{};
  return ReadMemory(pid, where.rseq_abi_pointer + 8, &descriptor,
                    sizeof(descriptor)) &&
         descriptor != 0 &&
         ReadMemory(pid, descriptor, &sequence, sizeof(sequence)) &&
         ip - sequence.start < sequence.length;
}

// Brings the thread to a system call where that is possible, since nothing
// can be half done there.
absl::StatusOr<Position> FindPosition(StoppedThread& thread, pid_t pid) {
  GATEWATCH_ASSIGN_OR_RETURN(user_regs_struct registers, thread.Registers());
  if (InCall(registers)) return Position{registers, false};
  const absl::Status reached = thread.RunToCallBoundary(kCallPatience);
  if (absl::IsDeadlineExceeded(reached)) {
    GATEWATCH_RETURN_IF_ERROR(thread.Interrupt(kStopPatience));
  } else if (!reached.ok()) {
    return reached;
  }
  GATEWATCH_ASSIGN_OR_RETURN(registers, thread.Registers());
  if (!reached.ok() && !InCall(registers) &&
      InRestartableSequence(pid, registers.rip)) {
    return absl::UnavailableError("it is in a restartable sequence");
  }
  return Position{registers, reached.ok()};
}

// The registers with which it goes on as if it had not been interrupted: what
// the kernel does on return from a call that a signal cut short
// (arch/x86/kernel/signal.c, arch_do_signal_or_restart).
user_regs_struct ResumedRegisters(const Position& position) {
  user_regs_struct registers = position.registers;
  if (!InCall(registers)) return registers;
  const auto result = static_cast<long>(registers.rax);
  if (position.before_call || result == kRestartSys ||
      result == kRestartNoInterrupt || result == kRestartNoHandler) {
    registers.rax = registers.orig_rax;
    registers.rip -= kSyscallInstruction;
  } else if (result == kRestartBlock) {
    registers.rax = SYS_restart_syscall;
    registers.rip -= kSyscallInstruction;
  }
  registers.orig_rax = static_cast<unsigned long long>(-1);
  return registers;
}

// The same when a handler ran in between: some calls are then not made again.
user_regs_struct SignalledRegisters(const Position& position) {
  user_regs_struct registers = ResumedRegisters(position);
  const auto result = static_cast<long>(position.registers.rax);
  if (InCall(position.registers) && !position.before_call &&
      (result == kRestartNoHandler || result == kRestartBlock)) {
    registers.rax = static_cast<uint64_t>(-EINTR);
    registers.rip = position.registers.rip;
  }
  return registers;
}

EntryContext ContextOf(const Position& position, size_t mapping_size) {
  const user_regs_struct r = ResumedRegisters(position);
  const user_regs_struct signalled = SignalledRegisters(position);
  return {r.rax,
          r.rbx,
          r.rcx,
          r.rdx,
          r.rsi,
          r.rdi,
          r.rbp,
          r.rsp,
          r.r8,
          r.r9,
          r.r10,
          r.r11,
          r.r12,
          r.r13,
          r.r14,
          r.r15,
          r.rip,
          signalled.rax,
          signalled.rip,
          mapping_size,
          static_cast<uint8_t>(r.eflags),
          static_cast<uint8_t>(r.eflags >> 11 & 1),
          {}};
}

std::string EntryImage(const EntryContext& context) {
  const PayloadEntry entry = GetPayloadEntry();
  std::string image(entry.code);
  memcpy(image.data() + entry.context_offset, &context, sizeof(context));
  return image;
}

// The mask in SigCgt of /proc/PID/status (proc(5)).
uint64_t ParseCaughtSignals(absl::string_view status) {
  constexpr absl::string_view kName = "SigCgt:\t";
  const size_t at = status.find(kName);
  if (at == absl::string_view::npos) return 0;
  uint64_t mask = 0;
  return absl::SimpleHexAtoi(status.substr(at + kName.size(), 16), &mask) ? mask
                                                                          : 0;
}

absl::StatusOr<UniqueFd> TakeListener(pid_t pid, int fd) {
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const long copy = ::syscall(SYS_pidfd_getfd, pidfd.get(), fd, 0);
  if (copy < 0) return ErrnoStatus(errno, "pidfd_getfd", pid);
  return UniqueFd(static_cast<int>(copy));
}

// Whether the instruction before `ip` is a call of the stage: then this is a
// keeper on its way, and shares the memory of a process that is being attached
// to.
bool RunsStage(pid_t pid, uint64_t ip) {
  const absl::string_view stage = GetPayloadStage().code;
  constexpr absl::string_view kSyscall("\x0f\x05", kSyscallInstruction);
  std::string there(stage.size(), '\0');
  for (size_t at = stage.find(kSyscall); at != absl::string_view::npos;
       at = stage.find(kSyscall, at + 1)) {
    if (ReadMemory(pid, ip - at - kSyscallInstruction, there.data(),
                   there.size()) &&
        there == stage) {
      return true;
    }
  }
  return false;
}

// 0: nobody (proc(5)).
int TracerOf(pid_t pid) {
  const std::string name = "\nTracerPid:\t";
  const auto status = ReadFile(absl::StrCat("/proc/", pid, "/status"));
  const size_t at = status.ok() ? status->find(name) : std::string::npos;
  return at == std::string::npos ? 0 : atoi(&(*status)[at + name.size()]);
}

// One injection, step by step.
class Injector {
 public:
  Injector(const Injection& injection, StoppedThread thread)
      : injection_(injection),
        thread_(std::move(thread)),
        image_(injection.filter, injection.keeper_image,
               injection.keeper_arguments) {}

  absl::StatusOr<UniqueFd> Run() {
    GATEWATCH_ASSIGN_OR_RETURN(const Position position,
                               FindPosition(thread_, injection_.pid));
    if (RunsStage(injection_.pid, position.registers.rip)) {
      return absl::CancelledError("it is a keeper of ours");
    }
    GATEWATCH_RETURN_IF_ERROR(Enter(position));
    GATEWATCH_RETURN_IF_ERROR(StartStage());
    return FollowStage();
  }

 private:
  // Makes it run the entry, up to the end of its first call.
  absl::Status Enter(const Position& position) {
    EntryContext context = ContextOf(position, image_.size());
    const std::string code = EntryImage(context);
    const PayloadEntry entry = GetPayloadEntry();
    GATEWATCH_ASSIGN_OR_RETURN(
        entry_, FindVdsoRoom(injection_.pid, code.size(),
                             entry.code.substr(0, entry.context_offset)));
    if (context.rip - entry_ < code.size()) {
      return absl::UnavailableError("an injection is under way");
    }
    GATEWATCH_RETURN_IF_ERROR(thread_.Poke(entry_, code));
    user_regs_struct registers = ResumedRegisters(position);
    registers.rip = entry_;
    GATEWATCH_RETURN_IF_ERROR(thread_.SetRegisters(registers));
    GATEWATCH_ASSIGN_OR_RETURN(mapping_, AwaitMapping(code.size()));
    if (HandledSignal()) {
      context.rax = context.signalled_rax;
      context.rip = context.signalled_rip;
      GATEWATCH_RETURN_IF_ERROR(thread_.Poke(entry_, EntryImage(context)));
    }
    if (mapping_ <= static_cast<uint64_t>(-4096)) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("it cannot map executable memory: ",
                     strerror(static_cast<int>(-static_cast<long>(mapping_)))));
  }

  // What the entry's mmap(2) returned. Handlers may run in between, and stop
  // at calls of theirs.
  absl::StatusOr<uint64_t> AwaitMapping(size_t code_size) {
    for (int boundaries = 0; boundaries < 2;) {
      GATEWATCH_RETURN_IF_ERROR(thread_.RunToCallBoundary(kStepPatience));
      GATEWATCH_ASSIGN_OR_RETURN(const user_regs_struct registers,
                                 thread_.Registers());
      if (registers.orig_rax != SYS_mmap ||
          registers.rip - entry_ >= code_size) {
        continue;
      }
      if (++boundaries == 2) return registers.rax;
    }
    return absl::InternalError("unreachable");
  }

  // Since the thread was seized.
  bool HandledSignal() const {
    const auto status =
        ReadFile(absl::StrCat("/proc/", injection_.pid, "/status"));
    return status.ok() &&
           (ParseCaughtSignals(*status) & thread_.delivered_signals()) != 0;
  }

  absl::Status StartStage() {
    const std::string memory =
        image_.Build(mapping_, entry_ + GetPayloadEntry().resume_offset);
    if (!WriteMemory(injection_.pid, mapping_, memory)) {
      // It waits a moment and then goes back by itself.
      return ErrnoStatus(errno, "process_vm_writev", injection_.pid);
    }
    GATEWATCH_ASSIGN_OR_RETURN(user_regs_struct registers, thread_.Registers());
    registers.rip = mapping_ + image_.stage_offset();
    registers.rdi = mapping_;
    // As after a call instruction.
    registers.rsp = mapping_ + image_.stack_top_offset() - sizeof(uint64_t);
    registers.orig_rax = static_cast<unsigned long long>(-1);
    return thread_.SetRegisters(registers);
  }

  // Runs it until it has done all but go back.
  absl::StatusOr<UniqueFd> FollowStage() {
    UniqueFd listener;
    PayloadData data;
    while (true) {
      GATEWATCH_RETURN_IF_ERROR(thread_.RunToCallBoundary(kStepPatience));
      if (!ReadMemory(injection_.pid, mapping_, &data, sizeof(data))) {
        return absl::InternalError("the injected code left no result");
      }
      GATEWATCH_ASSIGN_OR_RETURN(const user_regs_struct registers,
                                 thread_.Registers());
      const bool ending =
          registers.orig_rax == SYS_munmap && registers.rdi == mapping_;
      if (ending) break;
      if (data.hold != 0 && data.listener >= 0 && !listener.valid()) {
        GATEWATCH_ASSIGN_OR_RETURN(listener,
                                   TakeListener(injection_.pid, data.listener));
        Acknowledge();
      }
    }
    if (data.step == PayloadStep::kKeeperLost && !listener.valid()) {
      // Better here than nowhere.
      return TakeListener(injection_.pid, data.listener);
    }
    GATEWATCH_RETURN_IF_ERROR(Judge(data));
    return listener;
  }

  void Acknowledge() const {
    const uint32_t taken = 1;
    WriteMemory(injection_.pid, mapping_ + offsetof(PayloadData, taken),
                {reinterpret_cast<const char*>(&taken), sizeof(taken)});
  }

  static absl::Status Judge(const PayloadData& data) {
    const char* error = strerror(data.error);
    switch (data.step) {
      case PayloadStep::kDone:
        return absl::OkStatus();
      case PayloadStep::kKeeperRefused:
        return absl::ResourceExhaustedError(
            absl::StrCat("no keeper can be started in it: ", error));
      case PayloadStep::kFilterRefused:
        if (data.error == EBUSY) {
          return absl::AlreadyExistsError(
              "a filter with a listener is installed already");
        }
        if (data.error == ESRCH) {
          // As while a container runtime prepares its process.
          return absl::UnavailableError(
              "its threads are under different seccomp filters");
        }
        return absl::FailedPreconditionError(
            absl::StrCat("it may not install a filter: ", error));
      case PayloadStep::kKeeperLost:
      case PayloadStep::kStarted:
        break;
    }
    return absl::DataLossError("the keeper of its listener died");
  }

  const Injection& injection_;
  StoppedThread thread_;
  const PayloadImage image_;
  uint64_t entry_ = 0;
  uint64_t mapping_ = 0;
};

}  // namespace

absl::StatusOr<UniqueFd> Inject(const Injection& injection) {
  auto thread = StoppedThread::Seize(injection.pid, kStopPatience);
  if (!thread.ok()) {
    const int tracer = TracerOf(injection.pid);
    if (!absl::IsPermissionDenied(thread.status()) || tracer == 0) {
      return thread.status();
    }
    return absl::FailedPreconditionError(
        absl::StrCat("it is traced by process ", tracer));
  }
  return Injector(injection, *std::move(thread)).Run();
}

}  // namespace gatewatch::probes

#else

namespace gatewatch::probes {

absl::StatusOr<UniqueFd> Inject(const Injection&) {
  return absl::FailedPreconditionError(
      "attaching to a running process is for x86-64 only; start the workload "
      "with gatewatch-launch");
}

}  // namespace gatewatch::probes

#endif
