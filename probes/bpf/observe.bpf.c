/* The programs of the eBPF rung. Each makes one record of what happened, and
 * puts it into the ring buffer; BpfProbe makes observations of them. They
 * change nothing and never make a workload wait.
 *
 * A call is looked at when it returns, not when it begins: its result is then
 * known, and what its arguments point to has been read by the kernel and is
 * in memory, whereas a program cannot fault a page in. */

#include "probes/bpf/arguments.bpf.h"
#include "probes/bpf/file.bpf.h"
#include "probes/bpf/scratch.bpf.h"
#include "probes/bpf/task.bpf.h"

char object_license[] SEC("license") = "Dual BSD/GPL";

enum { GROUP_EXIT = 4 /* SIGNAL_GROUP_EXIT */ };

#define SCRATCH(name)                        \
  struct {                                   \
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
    __uint(max_entries, 1);                  \
    __type(key, __u32);                      \
    __type(value, struct scratch);           \
  } name SEC(".maps")

SCRATCH(call_scratch);
SCRATCH(fork_scratch);
SCRATCH(exec_scratch);
SCRATCH(exit_scratch);

static __always_inline struct scratch* begin(void* map, __u32 kind,
                                             struct task_struct* task,
                                             __u32 pid) {
  const __u32 zero = 0;
  struct scratch* scratch = bpf_map_lookup_elem(map, &zero);
  if (!scratch) return 0;
  struct gw_record* record = &scratch->record;
  record->kind = kind;
  record->call = 0;
  record->time_ns = bpf_ktime_get_boot_ns();
  record->result = 0;
  record->truncated = 0;
  record->data_size = 0;
  tell_task(&record->task, task, pid);
  /* Of a process that makes a call it is known, or can be looked up. */
  if (kind != GW_CALL) tell_rest_of_task(&record->task, task);
  return scratch;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs* regs, long result) {
  /* For every call of every process: what is not observed leaves here. */
  const __u64 call = call_number(regs);
  if (call >= GW_CALLS) return 0;
  const volatile struct gw_call_spec* spec = &calls[call];
  if (!spec->observed || control.unwanted[call]) return 0;
  if (!is_wanted_result(spec, result)) return 0;
  struct task_struct* task = bpf_get_current_task_btf();
  if (is_foreign(task)) return 0;
  __u64 arguments[6];
  read_arguments(regs, arguments);
  if (!is_of_interest(spec, arguments)) return 0;
  const __u32 pid = observed_process(task);
  if (!pid) return 0;
  if (group_of(spec, arguments) < control.level) {
    __sync_fetch_and_add(&left_out[call], 1);
    return 0;
  }
  struct scratch* scratch = begin(&call_scratch, GW_CALL, task, pid);
  if (!scratch) return 0;
  scratch->record.call = call;
  scratch->record.result = result;
  __builtin_memcpy(scratch->record.arguments, arguments, sizeof(arguments));
  if (spec->flags & GW_TELLS_NUMBERS) {
    tell_own_numbers(&scratch->record.task, task);
  }
  for (__u32 i = 0; i < 6; ++i) {
    if (spec->arguments[i].kind) add_argument(scratch, call, i);
  }
  if (result >= 0 && (spec->flags & GW_RESULT_IS_FILE)) {
    add_descriptor(scratch, result, GW_RESULT);
  }
  submit(scratch, call);
  return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* parent, struct task_struct* child) {
  if (child->pid != child->tgid) return 0; /* a thread */
  if (!observed_process(parent)) return 0;
  const __u32 pid = process_number(child);
  if (!pid) return 0;
  if (settings.root_pid) {
    const __u8 one = 1;
    if (bpf_map_update_elem(&descendants, &pid, &one, BPF_ANY)) {
      count_lost(GW_LOST_FORK);
      return 0;
    }
  }
  struct scratch* scratch = begin(&fork_scratch, GW_FORK, child, pid);
  if (scratch) submit(scratch, GW_LOST_FORK);
  return 0;
}

static __noinline void add_blob(struct scratch* scratch, __u32 kind, __u64 from,
                                __u64 to) {
  struct gw_section* section =
      open_section(scratch, kind, GW_EXECUTABLE, GW_BLOB_LIMIT);
  if (!section || to <= from) return;
  section->address = to - from;
  section->size = to - from > GW_BLOB_LIMIT ? GW_BLOB_LIMIT : to - from;
  /* Read back: the compiler would drop the mask that the verifier needs. */
  const __u32 size = *(volatile __u32*)&section->size & GW_BLOB_LIMIT;
  if (bpf_probe_read_user(section + 1, size, (void*)from)) return;
  close_section(scratch, section, size);
}

static __always_inline void add_filename(struct scratch* scratch,
                                         struct linux_binprm* program) {
  struct gw_section* section =
      open_section(scratch, GW_FILENAME, GW_EXECUTABLE, GW_PATH_LIMIT);
  if (!section) return;
  const long size =
      bpf_probe_read_kernel_str(section + 1, GW_PATH_LIMIT, program->filename);
  if (size > 0) close_section(scratch, section, size - 1);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct* task, int old_pid,
             struct linux_binprm* program) {
  const __u32 pid = observed_process(task);
  if (!pid) return 0;
  struct scratch* scratch = begin(&exec_scratch, GW_EXEC, task, pid);
  if (!scratch) return 0;
  /* What tells most comes first: the rest may not fit. */
  add_filename(scratch, program);
  struct mm_struct* mm = task->mm;
  add_file(scratch, (__u64)BPF_CORE_READ(mm, exe_file), GW_EXECUTABLE);
  add_working_directory(scratch);
  for (__u32 fd = 0; fd < 3; ++fd) {
    add_descriptor(scratch, fd, GW_STDIN + fd);
  }
  add_blob(scratch, GW_ARGUMENTS, mm->arg_start, mm->arg_end);
  add_blob(scratch, GW_ENVIRONMENT, mm->env_start, mm->env_end);
  submit(scratch, GW_LOST_EXEC);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct* task) {
  struct signal_struct* signal = task->signal;
  if (signal->live.counter != 0) return 0; /* not the last thread */
  const __u32 pid = observed_process(task);
  if (!pid) return 0;
  if (settings.root_pid) bpf_map_delete_elem(&descendants, &pid);
  const struct ended_key key = {task->group_leader->start_boottime, pid};
  const __u8 one = 1;
  if (bpf_map_update_elem(&ended, &key, &one, BPF_NOEXIST)) return 0;
  struct scratch* scratch = begin(&exit_scratch, GW_EXIT, task, pid);
  if (!scratch) return 0;
  scratch->record.result = (signal->flags & GROUP_EXIT)
                               ? signal->group_exit_code
                               : task->group_leader->exit_code;
  submit(scratch, GW_LOST_EXIT);
  return 0;
}
