#ifndef GATEWATCH_PROBES_SECCOMP_PAYLOAD_DATA_H_
#define GATEWATCH_PROBES_SECCOMP_PAYLOAD_DATA_H_

// What an injection and the code that it runs inside a process tell each other
// (payload.h). The standard library's freestanding headers alone may be
// included here: the stage is compiled without floating point.

#include <cstddef>
#include <cstdint>

namespace gatewatch::probes {

// What the entry restores. Laid out as payload_entry.cc reads it.
struct EntryContext {
  uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
  uint64_t rip;
  // Instead of rax and rip, when a signal was handled meanwhile: a call that
  // it ends is then not to be made again.
  uint64_t signalled_rax, signalled_rip;
  uint64_t mapping_size;
  // The flags that lahf(1) knows, and whether the overflow flag is set.
  uint8_t flags_low;
  uint8_t overflow;
  uint8_t reserved[6];
};

enum class PayloadStep : uint32_t {
  kStarted,
  kKeeperRefused,  // no filter was installed; `error` says why
  kFilterRefused,  // no filter was installed; `error` says why
  kKeeperLost,     // a filter is installed, and its keeper died
  kDone,
};

// Written by the injector at the beginning of the mapped memory; results by
// the stage. Addresses are those of the process.
struct PayloadData {
  static constexpr size_t kArguments = 8;

  uint64_t mapping = 0;  // the address of this
  uint64_t resume = 0;   // the entry's second half
  uint64_t helper_stack_top = 0;
  uint64_t keeper_stack_top = 0;
  uint64_t image = 0;  // the program that keeps the listener
  uint64_t image_size = 0;
  int32_t process = 0;  // its own pid, as it sees it
  // 0: a keeper is started. 1: the injector takes the listener and then sets
  // `taken`.
  uint32_t hold = 0;
  // Its arguments, null-terminated; the last is listener_text.
  uint64_t arguments[kArguments] = {};
  char listener_text[16] = {};
  // The stage has no constants of its own: a compiler may put them elsewhere.
  char image_name[8] = "gatewat";
  static constexpr int kImagePathNumber = sizeof("/proc/self/fd/") - 1;
  char image_path[32] = "/proc/self/fd/";  // and the number
  int64_t second[2] = {1, 0};              // struct timespec
  uint16_t filter_length = 0;              // struct sock_fprog
  uint16_t reserved[3] = {};
  uint64_t filter = 0;
  uint32_t taken = 0;

  PayloadStep step = PayloadStep::kStarted;
  int32_t error = 0;  // errno
  int32_t listener = -1;
  // kKeeper…; the kernel clears it when the keeper executes or ends.
  uint32_t keeper_state = 0;
  int32_t keeper_pid = 0;
  int32_t keeper_error = 0;  // errno
  int32_t image_fd = -1;
};

inline constexpr uint32_t kKeeperGone = 0;
inline constexpr uint32_t kKeeperPrepares = 1;
inline constexpr uint32_t kKeeperReady = 2;

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_PAYLOAD_DATA_H_
