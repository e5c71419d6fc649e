#ifndef GATEWATCH_PROBES_BPF_TASK_BPF_H_
#define GATEWATCH_PROBES_BPF_TASK_BPF_H_

/* Who a process is, and whether it is observed. */

#include "probes/bpf/program.bpf.h"

enum {
  INIT_PID_NAMESPACE = 0xEFFFFFFC, /* PROC_PID_INIT_INO: the same everywhere */
  NAMESPACE_DEPTH = 33,            /* MAX_PID_NS_LEVEL, and the first */
  OF_PROCESS = 1,                  /* enum pid_type: of signal_struct's pids */
  OF_GROUP = 2,
  OF_SESSION = 3,
};

static __always_inline struct upid* number_at(struct pid* pid, __u32 level) {
  return (void*)pid + bpf_core_field_offset(struct pid, numbers) +
         level * bpf_core_type_size(struct upid);
}

/* The pid's number in a namespace; 0: it is not visible there. */
static __noinline __u32 number_in(struct pid* pid, __u32 namespace) {
  const __u32 level = BPF_CORE_READ(pid, level);
  for (__u32 i = 0; i < NAMESPACE_DEPTH; ++i) {
    if (i > level) break;
    struct upid* number = number_at(pid, i);
    if (BPF_CORE_READ(number, ns, ns.inum) == namespace) {
      return BPF_CORE_READ(number, nr);
    }
  }
  return 0;
}

/* The number by which the observer knows a pid; 0: it does not. */
static __always_inline __u32 number_of(struct pid* pid) {
  if (!pid) return 0;
  if (settings.observer_namespace == INIT_PID_NAMESPACE) {
    return BPF_CORE_READ(number_at(pid, 0), nr);
  }
  return number_in(pid, settings.observer_namespace);
}

static __always_inline __u32 process_number(struct task_struct* task) {
  if (settings.observer_namespace == INIT_PID_NAMESPACE) return task->tgid;
  return number_of(task->signal->pids[OF_PROCESS]);
}

/* The observer's number of the process when it is observed; else 0. `filter`
 * is the process that decides: for a new one, its parent. */
static __always_inline __u32 observed_process(struct task_struct* task) {
  const __u32 pid = process_number(task);
  if (!pid || pid == settings.observer_pid) return 0;
  if (settings.root_pid && !bpf_map_lookup_elem(&descendants, &pid)) return 0;
  if (settings.by_cgroup && bpf_current_task_under_cgroup(&cgroups, 0) != 1) {
    return 0;
  }
  if (settings.pid_namespace &&
      !number_in(task->signal->pids[OF_PROCESS], settings.pid_namespace)) {
    return 0;
  }
  return pid;
}

static __always_inline void tell_credentials(struct gw_task* told,
                                             struct task_struct* task) {
  const struct cred* cred = task->real_cred;
  told->uid = cred->uid.val;
  told->effective_uid = cred->euid.val;
  told->saved_uid = cred->suid.val;
  told->gid = cred->gid.val;
  told->effective_gid = cred->egid.val;
  told->saved_gid = cred->sgid.val;
  told->effective_capabilities = cred->cap_effective.val;
  told->permitted_capabilities = cred->cap_permitted.val;
  told->login_uid =
      bpf_core_field_exists(task->loginuid) ? task->loginuid.val : (__u32)-1;
}

static __always_inline __u32 own_number_of(struct pid* pid) {
  struct upid* own = number_at(pid, BPF_CORE_READ(pid, level));
  return BPF_CORE_READ(own, nr);
}

/* The numbers that the process itself knows. */
static __always_inline void tell_own_numbers(struct gw_task* told,
                                             struct task_struct* task) {
  told->namespace_pid = own_number_of(task->signal->pids[OF_PROCESS]);
  told->namespace_tid = own_number_of(task->thread_pid);
}

static __always_inline void tell_namespaces(struct gw_task* told,
                                            struct task_struct* task) {
  struct pid* pid = task->signal->pids[OF_PROCESS];
  struct upid* own = number_at(pid, BPF_CORE_READ(pid, level));
  told->pid_namespace = BPF_CORE_READ(own, ns, ns.inum);
  /* Already gone when the process ends. */
  told->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
}

static __always_inline void tell_terminal(struct gw_task* told,
                                          struct task_struct* task) {
  struct tty_struct* tty = BPF_CORE_READ(task, signal, tty);
  if (!tty) {
    told->tty_major = told->tty_minor = told->tty_index = 0;
    return;
  }
  told->tty_major = BPF_CORE_READ(tty, driver, major);
  told->tty_minor = BPF_CORE_READ(tty, driver, minor_start);
  told->tty_index = BPF_CORE_READ(tty, index);
}

/* What costs little: for every record. */
static __always_inline void tell_task(struct gw_task* told,
                                      struct task_struct* task, __u32 pid) {
  told->pid = pid;
  told->tid = number_of(task->thread_pid);
  told->start_ns = task->group_leader->start_boottime;
  struct task_struct* parent = task->real_parent;
  told->parent_pid = process_number(parent);
  told->parent_start_ns = parent->group_leader->start_boottime;
  told->namespace_pid = told->namespace_tid = 0;
  tell_credentials(told, task);
  bpf_probe_read_kernel(told->name, sizeof(told->name), task->comm);
}

static __always_inline void tell_rest_of_task(struct gw_task* told,
                                              struct task_struct* task) {
  told->process_group = number_of(task->signal->pids[OF_GROUP]);
  told->session = number_of(task->signal->pids[OF_SESSION]);
  tell_own_numbers(told, task);
  tell_namespaces(told, task);
  tell_terminal(told, task);
}

#endif /* GATEWATCH_PROBES_BPF_TASK_BPF_H_ */
