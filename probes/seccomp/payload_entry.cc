#include "probes/seccomp/payload.h"

#if defined(__x86_64__)

// clang-format off
asm(R"(
    .pushsection gatewatch_payload_entry, "ax", @progbits
    .hidden gatewatch_entry_begin, gatewatch_entry_resume
    .hidden gatewatch_entry_context, gatewatch_entry_end
    .globl gatewatch_entry_begin, gatewatch_entry_resume
    .globl gatewatch_entry_context, gatewatch_entry_end
gatewatch_entry_begin:
    movl    $9, %eax                    # mmap
    xorl    %edi, %edi
    movq    mapping_size(%rip), %rsi
    movl    $7, %edx                    # read, write, execute
    movl    $0x22, %r10d                # private, anonymous
    movq    $-1, %r8
    xorl    %r9d, %r9d
    syscall
    movq    %rax, %r12
    # The injector goes on from here. When it does not come, it is dead.
    movl    $100000, %r13d
1:  movl    $24, %eax                   # sched_yield
    syscall
    decl    %r13d
    jnz     1b
    xorl    %r14d, %r14d
gatewatch_entry_resume:                 # with the mapping in r12
    # First of all: a signal handler must not run on what is unmapped next.
    movq    saved+56(%rip), %rsp
    movl    $11, %eax                   # munmap
    movq    %r12, %rdi
    movq    mapping_size(%rip), %rsi
    syscall
    testl   %r14d, %r14d                # whether a signal was handled
    # Without a stack: there may be none to use.
    .macro restore rax, rip
    movb    overflow(%rip), %al
    addb    $0x7f, %al                  # overflows when it was 1
    movb    flags_low(%rip), %ah
    sahf
    movq    saved+8(%rip), %rbx
    movq    saved+16(%rip), %rcx
    movq    saved+24(%rip), %rdx
    movq    saved+32(%rip), %rsi
    movq    saved+40(%rip), %rdi
    movq    saved+48(%rip), %rbp
    movq    saved+64(%rip), %r8
    movq    saved+72(%rip), %r9
    movq    saved+80(%rip), %r10
    movq    saved+88(%rip), %r11
    movq    saved+96(%rip), %r12
    movq    saved+104(%rip), %r13
    movq    saved+112(%rip), %r14
    movq    saved+120(%rip), %r15
    movq    saved+\rax(%rip), %rax
    jmp     *saved+\rip(%rip)
    .endm
    jnz     2f
    restore 0, 128
2:  restore 136, 144
    .purgem restore
    .balign 8
gatewatch_entry_context:
saved:
    .skip   152
mapping_size:
    .skip   8
flags_low:
    .skip   1
overflow:
    .skip   1
    .skip   6
gatewatch_entry_end:
    .popsection
)");
// clang-format on

extern "C" const char gatewatch_entry_begin[], gatewatch_entry_resume[],
    gatewatch_entry_context[], gatewatch_entry_end[];

namespace gatewatch::probes {

static_assert(offsetof(EntryContext, rip) == 128);
static_assert(offsetof(EntryContext, signalled_rax) == 136);
static_assert(offsetof(EntryContext, signalled_rip) == 144);
static_assert(offsetof(EntryContext, mapping_size) == 152);
static_assert(offsetof(EntryContext, flags_low) == 160);
static_assert(sizeof(EntryContext) == 168);

PayloadEntry GetPayloadEntry() {
  const auto offset = [](const char* symbol) {
    return static_cast<size_t>(symbol - gatewatch_entry_begin);
  };
  return {{gatewatch_entry_begin, offset(gatewatch_entry_end)},
          offset(gatewatch_entry_context),
          offset(gatewatch_entry_resume)};
}

}  // namespace gatewatch::probes

#else

namespace gatewatch::probes {

PayloadEntry GetPayloadEntry() { return {}; }

}  // namespace gatewatch::probes

#endif
