// The stage, which runs inside another process: see payload.h. Compiled with
// flags of its own, and to be written with the kernel's calls alone: no library
// function, no constant that the compiler would put elsewhere, no floating
// point.

#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/wait.h>

#include "probes/seccomp/payload_data.h"

#if defined(__x86_64__)

#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4)  // Linux 5.7
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)  // Linux 5.19
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U  // Linux 6.3
#endif

#define STAGE __attribute__((section("gatewatch_payload_stage"), used))
#define INLINE __attribute__((always_inline)) inline

namespace gatewatch::probes {
namespace {

constexpr long kEintr = 4, kEacces = 13, kEinval = 22;
constexpr unsigned long kSetMask = 2;       // SIG_SETMASK
constexpr unsigned long kExecutable = 1;    // X_OK
constexpr unsigned long kUnshareTable = 2;  // CLOSE_RANGE_UNSHARE
// How often the injector is waited for: some tenths of a second.
constexpr int kPatience = 500'000;

INLINE long Call(long number, unsigned long a = 0, unsigned long b = 0,
                 unsigned long c = 0, unsigned long d = 0,
                 unsigned long e = 0) {
  long result;
  register unsigned long r10 asm("r10") = d;
  register unsigned long r8 asm("r8") = e;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;
}

INLINE unsigned long Address(const volatile void* pointer) {
  return reinterpret_cast<unsigned long>(pointer);
}

// Starts a process that shares this one's memory and descriptors, and calls
// `run`, which must not return, on a stack of its own.
INLINE long Clone(unsigned long flags, unsigned long stack_top,
                  void (*run)(PayloadData*), PayloadData* data) {
  long result;
  register unsigned long child_tid asm("r10") = Address(&data->keeper_state);
  register unsigned long tls asm("r8") = 0;
  register void (*function)(PayloadData*) asm("r12") = run;
  register PayloadData* argument asm("r13") = data;
  asm volatile(
      "syscall\n"
      "testq %%rax, %%rax\n"
      "jnz 1f\n"
      "xorl %%ebp, %%ebp\n"
      "movq %%r13, %%rdi\n"
      "callq *%%r12\n"
      "ud2\n"
      "1:\n"
      : "=a"(result)
      : "a"(__NR_clone), "D"(flags | CLONE_VM | CLONE_FILES), "S"(stack_top),
        "d"(Address(&data->keeper_pid)), "r"(child_tid), "r"(tls),
        "r"(function), "r"(argument)
      : "rcx", "r11", "memory");
  return result;
}

INLINE uint32_t State(const PayloadData* data) {
  return __atomic_load_n(&data->keeper_state, __ATOMIC_SEQ_CST);
}

// Without a time limit: one would overwrite what an interrupted nanosleep(2)
// of the process is to be restarted with.
INLINE void AwaitChange(PayloadData* data, uint32_t from) {
  while (State(data) == from) {
    Call(__NR_futex, Address(&data->keeper_state), FUTEX_WAIT, from);
  }
}

INLINE void WriteNumber(int number, char* text) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) *text++ = digits[--count];
  *text = 0;
}

// The keeper's program in a file of memory. -errno when it cannot be had or
// may not be executed.
INLINE long MakeImage(PayloadData* data) {
  const unsigned long name = Address(data->image_name);
  long fd = Call(__NR_memfd_create, name, MFD_CLOEXEC | MFD_EXEC);
  if (fd == -kEinval) fd = Call(__NR_memfd_create, name, MFD_CLOEXEC);
  if (fd < 0) return fd;
  data->image_fd = static_cast<int32_t>(fd);
  unsigned long done = 0;
  while (done < data->image_size) {
    const long written = Call(__NR_write, static_cast<unsigned long>(fd),
                              data->image + done, data->image_size - done);
    if (written <= 0) return written == 0 ? -kEinval : written;
    done += static_cast<unsigned long>(written);
  }
  WriteNumber(static_cast<int>(fd),
              data->image_path + PayloadData::kImagePathNumber);
  return Call(__NR_faccessat, static_cast<unsigned long>(AT_FDCWD),
              Address(data->image_path), kExecutable);
}

// Waits for the listener as long as the process lives.
INLINE int AwaitListener(PayloadData* data) {
  volatile int32_t* listener = &data->listener;
  while (*listener == -1 && data->step == PayloadStep::kStarted) {
    Call(__NR_futex, Address(listener), FUTEX_WAIT, 0xffffffff,
         Address(data->second));
    if (Call(__NR_getpgid, static_cast<unsigned long>(data->process)) < 0)
      return -1;
  }
  return *listener;
}

// A process of its own, which becomes the keeper.
STAGE void Keep(PayloadData* data) {
  Call(__NR_setsid);
  const long image = MakeImage(data);
  if (image < 0) {
    data->keeper_error = static_cast<int32_t>(-image);
    Call(__NR_exit, 1);
  }
  __atomic_store_n(&data->keeper_state, kKeeperReady, __ATOMIC_SEQ_CST);
  Call(__NR_futex, Address(&data->keeper_state), FUTEX_WAKE, 1);
  const int listener = AwaitListener(data);
  if (listener < 0) Call(__NR_exit, 1);
  // A descriptor table of its own, where that is permitted; else executing
  // makes one.
  Call(__NR_close_range, ~0U, ~0U, kUnshareTable);
  Call(__NR_fcntl, static_cast<unsigned long>(listener), F_SETFD, 0);
  WriteNumber(listener, data->listener_text);
  char empty[1] = {0};
  unsigned long environment[1] = {0};
  const long error = Call(
      __NR_execveat, static_cast<unsigned long>(data->image_fd), Address(empty),
      Address(data->arguments), Address(environment), AT_EMPTY_PATH);
  data->keeper_error = static_cast<int32_t>(-error);
  Call(__NR_exit, 1);
}

// In between, so that the keeper is not a child of the workload's process,
// which may be waiting for any of its children.
STAGE void StartKeeper(PayloadData* data) {
  const long pid = Clone(CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
                         data->keeper_stack_top, Keep, data);
  if (pid < 0) {
    data->keeper_error = static_cast<int32_t>(-pid);
    __atomic_store_n(&data->keeper_state, kKeeperGone, __ATOMIC_SEQ_CST);
  }
  Call(__NR_exit, 0);
}

INLINE bool PrepareKeeper(PayloadData* data) {
  data->process = static_cast<int32_t>(Call(__NR_getpid));
  data->keeper_state = kKeeperPrepares;
  const long helper =
      Clone(CLONE_VFORK, data->helper_stack_top, StartKeeper, data);
  if (helper < 0) {
    data->keeper_error = static_cast<int32_t>(-helper);
    return false;
  }
  while (Call(__NR_wait4, static_cast<unsigned long>(helper), 0, __WALL) ==
         -kEintr) {
  }
  AwaitChange(data, kKeeperPrepares);
  return State(data) == kKeeperReady;
}

INLINE long InstallFilter(PayloadData* data) {
  unsigned long flags =
      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
      SECCOMP_FILTER_FLAG_TSYNC_ESRCH | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  const unsigned long program = Address(&data->filter_length);
  long listener = Call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
  if (listener == -kEinval) {
    flags &= ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    listener = Call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
  }
  if (listener == -kEacces) {
    Call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1);
    listener = Call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
  }
  return listener;
}

// The injector's copy of the listener, or the keeper's, is the one that
// counts.
INLINE bool HandListenerOver(PayloadData* data) {
  if (data->hold != 0) {
    volatile uint32_t* taken = &data->taken;
    for (int i = 0; i < kPatience && *taken == 0; ++i) {
      Call(__NR_sched_yield);
    }
    return *taken != 0;
  }
  Call(__NR_futex, Address(&data->listener), FUTEX_WAKE, 1);
  AwaitChange(data, kKeeperReady);
  return data->keeper_error == 0 &&
         Call(__NR_getpgid, static_cast<unsigned long>(data->keeper_pid)) >= 0;
}

// Whether a handler will run as soon as the signals in `blocked` alone are
// blocked again.
INLINE bool HandlerIsDue(unsigned long blocked) {
  constexpr unsigned long kIgnore = 1;  // SIG_IGN; SIG_DFL is 0
  unsigned long pending = 0;
  Call(__NR_rt_sigpending, Address(&pending), sizeof(pending));
  pending &= ~blocked;
  for (unsigned long signal = 1; signal <= 64; ++signal) {
    if ((pending >> (signal - 1) & 1) == 0) continue;
    unsigned long action[4] = {0, 0, 0, 0};  // the handler comes first
    Call(__NR_rt_sigaction, signal, 0, Address(action), sizeof(pending));
    if (action[0] > kIgnore) return true;
  }
  return false;
}

INLINE void Work(PayloadData* data) {
  if (data->hold == 0 && !PrepareKeeper(data)) {
    data->step = PayloadStep::kKeeperRefused;
    data->error = data->keeper_error;
    return;
  }
  const long listener = InstallFilter(data);
  if (listener < 0) {
    data->error = static_cast<int32_t>(-listener);
    data->step = PayloadStep::kFilterRefused;
    Call(__NR_futex, Address(&data->listener), FUTEX_WAKE, 1);
    return;
  }
  __atomic_store_n(&data->listener, static_cast<int32_t>(listener),
                   __ATOMIC_SEQ_CST);
  if (!HandListenerOver(data)) {
    // Its own copy stays open: a call that waits can still be answered, one
    // that fails with ENOSYS cannot be helped.
    data->step = PayloadStep::kKeeperLost;
    return;
  }
  Call(__NR_close, static_cast<unsigned long>(listener));
  data->step = PayloadStep::kDone;
}

}  // namespace

extern "C" STAGE __attribute__((visibility("hidden"))) void
gatewatch_payload_stage_start(PayloadData* data) {
  // A handler would run on the small stack here.
  const unsigned long all = ~0UL;
  unsigned long before = 0;
  Call(__NR_rt_sigprocmask, kSetMask, Address(&all), Address(&before),
       sizeof(all));
  Work(data);
  if (data->image_fd >= 0) {
    Call(__NR_close, static_cast<unsigned long>(data->image_fd));
  }
  const uint64_t signalled = HandlerIsDue(before) ? 1 : 0;
  Call(__NR_rt_sigprocmask, kSetMask, Address(&before), 0, sizeof(before));
  asm volatile(
      "movq %0, %%r12\n"
      "movq %1, %%r14\n"
      "jmpq *%2\n"
      :
      : "r"(data->mapping), "r"(signalled), "r"(data->resume)
      : "r12", "r14");
  __builtin_unreachable();
}

}  // namespace gatewatch::probes

#endif
