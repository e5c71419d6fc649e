#ifndef GATEWATCH_PROBES_BPF_KERNEL_TYPES_H_
#define GATEWATCH_PROBES_BPF_KERNEL_TYPES_H_

/* The kernel's structures, with those fields alone that the programs read.
 * Where they lie is found out when the programs are loaded (CO-RE), so neither
 * order nor size needs to match any kernel. */

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), \
                             apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long di, si, dx, r10, r8, r9;
  unsigned long orig_ax;
};
struct thread_info {
  __u32 status;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  __u64 regs[31];
  __u64 orig_x0;
  __s32 syscallno;
};
struct thread_info {
  unsigned long flags;
};
#else
#error "which registers hold a system call's arguments here?"
#endif

typedef struct {
  __u32 val;
} kuid_t;

typedef struct {
  __u32 val;
} kgid_t;

typedef struct {
  __u64 val;
} kernel_cap_t;

struct cred {
  kuid_t uid, suid, euid;
  kgid_t gid, sgid, egid;
  kernel_cap_t cap_permitted, cap_effective;
};

struct proc_ns_operations {
  const char* name;
};

struct ns_common {
  const struct proc_ns_operations* ops;
  unsigned int inum;
};

struct pid_namespace {
  struct ns_common ns;
};

struct mnt_namespace {
  struct ns_common ns;
};

struct nsproxy {
  struct mnt_namespace* mnt_ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};

struct pid {
  unsigned int level;
  struct upid numbers[1];
};

struct qstr {
  const unsigned char* name;
};

struct super_block {
  __u32 s_dev;
  unsigned long s_magic;
};

struct inode {
  __u16 i_mode;
  struct super_block* i_sb;
  void* i_private;
  unsigned long i_ino;
  unsigned int i_nlink;
  __s64 i_mtime_sec, i_ctime_sec; /* from 6.11 on */
  __u32 i_mtime_nsec, i_ctime_nsec;
};

struct timespec64 {
  __s64 tv_sec;
  long tv_nsec;
};

struct inode___before_6_6 {
  struct timespec64 i_mtime, i_ctime;
};

struct inode___before_6_11 {
  struct timespec64 i_mtime, __i_ctime;
};

struct dentry {
  struct dentry* d_parent;
  struct qstr d_name;
};

struct vfsmount {
  struct dentry* mnt_root;
};

struct mount {
  struct mount* mnt_parent;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
};

struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};

struct file {
  void* private_data;
  struct inode* f_inode;
  struct path f_path;
  unsigned int f_mode;
};

struct fs_struct {
  struct path root, pwd;
};

struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};

struct files_struct {
  struct fdtable* fdt;
};

struct mm_struct {
  unsigned long arg_start, arg_end, env_start, env_end;
  struct file* exe_file;
};

struct tty_driver {
  int major, minor_start;
};

struct tty_struct {
  struct tty_driver* driver;
  int index;
};

struct signal_struct {
  struct {
    int counter;
  } live;
  int group_exit_code;
  unsigned int flags;
  struct pid* pids[4];
  struct tty_struct* tty;
};

struct task_struct {
  struct thread_info thread_info;
  struct mm_struct* mm;
  int exit_code;
  int pid, tgid;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  struct pid* thread_pid;
  __u64 start_boottime;
  const struct cred* real_cred;
  char comm[16];
  struct fs_struct* fs;
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  kuid_t loginuid;
};

struct linux_binprm {
  const char* filename;
};

struct in6_addr {
  __u8 bytes[16];
};

struct sock_common {
  __be32 skc_daddr, skc_rcv_saddr;
  __be16 skc_dport;
  __u16 skc_num;
  __u16 skc_family;
  struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

struct sock {
  struct sock_common __sk_common;
  __u16 sk_protocol;
};

struct socket {
  short type;
  struct sock* sk;
};

struct sockaddr_un {
  __u16 sun_family;
  char sun_path[108];
};

struct unix_address {
  int len;
  struct sockaddr_un name[1];
};

struct unix_sock {
  struct unix_address* addr;
  struct sock* peer;
};

#pragma clang attribute pop

#endif /* GATEWATCH_PROBES_BPF_KERNEL_TYPES_H_ */
