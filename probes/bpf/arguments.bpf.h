#ifndef GATEWATCH_PROBES_BPF_ARGUMENTS_BPF_H_
#define GATEWATCH_PROBES_BPF_ARGUMENTS_BPF_H_

/* A system call that returns: whether it is of interest, and what its
 * arguments point to. What to do for which call is told by gw_call_spec. */

#include "probes/bpf/file.bpf.h"
#include "probes/bpf/scratch.bpf.h"

enum { CWD = -100 /* AT_FDCWD */ };

enum error {
  MISSING = -2,
  EXISTS = -17,
  NO_DIRECTORY = -20,
  /* The call is made again, or becomes EINTR: ERESTARTSYS and its kin. */
  FIRST_RESTART = -512,
  LAST_RESTART = -516,
};

#if defined(__TARGET_ARCH_x86)
static __always_inline __u64 call_number(struct pt_regs* regs) {
  return regs->orig_ax;
}

static __always_inline void read_arguments(struct pt_regs* regs,
                                           __u64* arguments) {
  arguments[0] = regs->di;
  arguments[1] = regs->si;
  arguments[2] = regs->dx;
  arguments[3] = regs->r10;
  arguments[4] = regs->r8;
  arguments[5] = regs->r9;
}

/* A 32-bit call has other numbers and other registers. */
static __always_inline int is_foreign(struct task_struct* task) {
  return task->thread_info.status & 2; /* TS_COMPAT */
}
#elif defined(__TARGET_ARCH_arm64)
static __always_inline __u64 call_number(struct pt_regs* regs) {
  return regs->syscallno;
}

static __always_inline void read_arguments(struct pt_regs* regs,
                                           __u64* arguments) {
  arguments[0] = regs->orig_x0;
  arguments[1] = regs->regs[1];
  arguments[2] = regs->regs[2];
  arguments[3] = regs->regs[3];
  arguments[4] = regs->regs[4];
  arguments[5] = regs->regs[5];
}

static __always_inline int is_foreign(struct task_struct* task) {
  return (task->thread_info.flags >> 22) & 1; /* TIF_32BIT */
}
#endif

static __always_inline int is_wanted_result(
    const volatile struct gw_call_spec* spec, long result) {
  if (result == 0) return !(spec->flags & (GW_QUIET_SUCCESS | GW_QUIET_ZERO));
  if (result > 0) return !(spec->flags & GW_QUIET_SUCCESS);
  if (result == MISSING || result == NO_DIRECTORY) {
    return !(spec->flags & GW_QUIET_MISSING);
  }
  if (result == EXISTS) return !(spec->flags & GW_QUIET_EXISTS);
  if (result <= FIRST_RESTART && result >= LAST_RESTART) {
    return spec->flags & GW_TELL_INTERRUPTED;
  }
  return 1;
}

static __always_inline int is_one_of(const volatile struct gw_test* test,
                                     __u32 word) {
  for (int i = 0; i < GW_TEST_VALUES; ++i) {
    if (word == test->values[i]) return 1;
  }
  return 0;
}

static __always_inline int holds(const volatile struct gw_test* test,
                                 const __u64* arguments) {
  __u64 value = 0;
  for (int i = 0; i < 6; ++i) {
    if (i == test->argument) value = arguments[i];
  }
  const __u32 word = value;
  const __u32 bits = test->values[0];
  switch (test->kind) {
    case GW_ALWAYS:
      return 1;
    case GW_NON_ZERO:
      return value != 0;
    case GW_AT_MOST:
      return word <= bits;
    case GW_ONE_OF:
      return is_one_of(test, word);
    case GW_NONE_OF:
      return !is_one_of(test, word);
    case GW_ANY_BIT:
      return (word & bits) != 0;
    case GW_ALL_BITS:
      return (word & bits) == bits;
  }
  return 0;
}

static __always_inline int is_of_interest(
    const volatile struct gw_call_spec* spec, const __u64* arguments) {
  if (spec->has_tests &&
      !(holds(&spec->test, arguments) && holds(&spec->and_test, arguments)) &&
      !holds(&spec->or_test, arguments)) {
    return 0;
  }
  if (!(spec->flags & GW_PEEKS)) return 1;
  /* The argument is the first or the second of every such call. */
  const __u64 address = arguments[spec->peek_argument ? 1 : 0];
  __u64 peeked = 0;
  bpf_probe_read_user(&peeked, sizeof(peeked), (void*)address);
  return (peeked & spec->peek_mask) != 0;
}

/* Opens count as for reading when their flags say so. */
static __always_inline __u32 group_of(const volatile struct gw_call_spec* spec,
                                      const __u64* arguments) {
  __u64 flags = ~0ull;
  for (int i = 0; i < 6; ++i) {
    if (i == spec->open_flags) flags = arguments[i];
  }
  return flags & control.writing_flags ? spec->group : GW_FILE_READ;
}

/* A string of the process; its first byte, or -1 when it cannot be read. */
VERIFIED_ONCE int add_string(struct scratch* scratch, __u64 address) {
  if (!scratch) return -1;
  struct gw_section* section =
      open_section(scratch, GW_MEMORY, 0, GW_PATH_LIMIT);
  if (!section) return -1;
  char* text = (char*)(section + 1);
  const long size =
      bpf_probe_read_user_str(text, GW_PATH_LIMIT, (void*)address);
  if (size <= 0) return -1;
  section->address = address;
  close_section(scratch, section, size);
  return (__u8)text[0];
}

static __noinline void add_struct(struct scratch* scratch, __u64 address,
                                  __u32 size) {
  struct gw_section* section =
      open_section(scratch, GW_MEMORY, 0, GW_STRUCT_LIMIT);
  if (!section) return;
  if (size > GW_STRUCT_LIMIT) size = GW_STRUCT_LIMIT;
  if (bpf_probe_read_user(section + 1, size, (void*)address)) return;
  section->address = address;
  close_section(scratch, section, size);
}

static __always_inline void add_argument_text(struct scratch* scratch,
                                              __u64 address) {
  struct gw_section* section =
      open_section(scratch, GW_MEMORY, 0, GW_ARGUMENT_BYTES);
  if (!section) return;
  const long size =
      bpf_probe_read_user_str(section + 1, GW_ARGUMENT_BYTES, (void*)address);
  if (size <= 0) return;
  if (size == GW_ARGUMENT_BYTES) scratch->record.truncated = 1;
  section->address = address;
  close_section(scratch, section, size);
}

/* An array such as argv: the pointers, with the null that ends them (put
 * there when they are too many), and what they point to. */
VERIFIED_ONCE int add_strings(struct scratch* scratch, __u64 address) {
  if (!scratch) return 0;
  struct gw_section* section = open_section(
      scratch, GW_MEMORY, 0, (GW_ARGUMENT_LIMIT + 1) * sizeof(__u64));
  if (!section || !address) return 0;
  __u64* pointers = (__u64*)(section + 1);
  __u32 count = 0;
  for (; count < GW_ARGUMENT_LIMIT; ++count) {
    if (bpf_probe_read_user(&pointers[count], sizeof(__u64),
                            (void*)(address + count * sizeof(__u64)))) {
      return 0;
    }
    if (!pointers[count]) break;
  }
  if (count == GW_ARGUMENT_LIMIT) scratch->record.truncated = 1;
  pointers[GW_ARGUMENT_LIMIT] = 0;
  section->address = address;
  close_section(scratch, section, (count + 1) * sizeof(__u64));
  for (__u32 i = 0; i < GW_ARGUMENT_LIMIT; ++i) {
    if (i >= count) break;
    add_argument_text(scratch, pointers[i]);
  }
  return 0;
}

/* The first fields of struct msghdr, which are the same everywhere. */
struct message {
  __u64 name;
  __u32 name_length;
  __u64 rest[5];
};

static __always_inline void add_message(struct scratch* scratch,
                                        __u64 address) {
  struct message message;
  add_struct(scratch, address, sizeof(message));
  if (bpf_probe_read_user(&message, sizeof(message), (void*)address)) return;
  add_struct(scratch, message.name, message.name_length);
}

static __always_inline void add_working_directory(struct scratch* scratch) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct fs_struct* fs = BPF_CORE_READ(task, fs); /* as a number */
  add_path(scratch, (__u64)&fs->pwd, GW_WORKING_DIRECTORY);
}

static __always_inline void add_path_argument(struct scratch* scratch,
                                              __u32 index, __u32 directory) {
  if (index >= 6) return;
  const int first = add_string(scratch, scratch->record.arguments[index]);
  if (first < 0 || first == '/') return;
  if (directory >= 6 || (int)scratch->record.arguments[directory] == CWD) {
    add_working_directory(scratch);
  } else {
    add_descriptor(scratch, scratch->record.arguments[directory], directory);
  }
}

VERIFIED_ONCE int add_argument(struct scratch* scratch, __u32 call,
                               __u32 index) {
  if (!scratch || call >= GW_CALLS || index >= 6) return 0;
  const volatile struct gw_argument_spec* spec = &calls[call].arguments[index];
  const __u64 value = scratch->record.arguments[index];
  switch (spec->kind) {
    case GW_TEXT:
      add_string(scratch, value);
      break;
    case GW_PATH:
      add_path_argument(scratch, index, spec->detail);
      break;
    case GW_STRUCT:
      add_struct(scratch, value, spec->detail);
      break;
    case GW_SIZED:
      if (index < 5) {
        add_struct(scratch, value, scratch->record.arguments[index + 1]);
      }
      break;
    case GW_STRINGS:
      add_strings(scratch, value);
      break;
    case GW_FILE:
      add_descriptor(scratch, value, index);
      break;
    case GW_GROUP:
      if (index > 0) {
        const __u32 count = scratch->record.arguments[index - 1];
        add_struct(scratch, value, count * spec->detail);
      }
      break;
    case GW_PAIR:
      if (index > 0) {
        add_struct(scratch, scratch->record.arguments[index - 1], 8);
        add_struct(scratch, value, spec->detail);
      }
      break;
    case GW_MESSAGE:
      add_message(scratch, value);
      break;
  }
  return 0;
}

#endif /* GATEWATCH_PROBES_BPF_ARGUMENTS_BPF_H_ */
