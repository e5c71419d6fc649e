#ifndef GATEWATCH_PROBES_BPF_FILE_BPF_H_
#define GATEWATCH_PROBES_BPF_FILE_BPF_H_

/* Files, their paths and sockets, as the kernel has them: nothing that a
 * thread of the workload could change while it is read. */

#include "probes/bpf/scratch.bpf.h"
#include "probes/bpf/task.bpf.h"

enum {
  FAMILY_UNIX = 1,
  FAMILY_INET = 2,
  FAMILY_INET6 = 10,
  TYPE_BITS = 0170000, /* S_IFMT */
  TYPE_SOCKET = 0140000,
  NAMESPACE_FILES = 0x6e736673, /* NSFS_MAGIC */
  PID_FILES = 0x50494446,       /* PID_FS_MAGIC, from 6.9 on */
};

/* One step of a walk from a file to its process's root. */
struct walk {
  struct dentry* dentry;
  struct mount* mount;
  struct dentry* mount_root;
  struct dentry* root;
  struct mount* root_mount;
};

enum step { STEP_NAME, STEP_MOUNT, STEP_ROOT, STEP_DETACHED };

static __always_inline struct mount* mount_of(struct vfsmount* mnt) {
  return (void*)mnt - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline enum step step_up(struct walk* walk) {
  struct dentry* dentry = walk->dentry;
  struct mount* mount = walk->mount;
  if (dentry == walk->root && mount == walk->root_mount) return STEP_ROOT;
  if (dentry == walk->mount_root) {
    struct mount* parent = BPF_CORE_READ(mount, mnt_parent);
    if (parent == mount) return STEP_ROOT;
    walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
    walk->mount = parent;
    walk->mount_root = BPF_CORE_READ(parent, mnt.mnt_root);
    return STEP_MOUNT;
  }
  walk->dentry = BPF_CORE_READ(dentry, d_parent);
  return walk->dentry == dentry ? STEP_DETACHED : STEP_NAME;
}

/* Adds the names from a struct path up to the root of the current process. */
VERIFIED_ONCE int add_path(struct scratch* scratch, __u64 address,
                           __u32 subject) {
  if (!scratch) return 0;
  struct path* path = (struct path*)address;
  struct gw_section* section = open_section(scratch, GW_DIRECTORY, subject, 0);
  if (!section) return 0;
  const __u32 begin = scratch->record.data_size;
  scratch->record.data_size += sizeof(*section);
  struct task_struct* task = bpf_get_current_task_btf();
  struct fs_struct* fs = task->fs;
  struct vfsmount* mnt = BPF_CORE_READ(path, mnt);
  struct walk walk = {
      .dentry = BPF_CORE_READ(path, dentry),
      .mount = mount_of(mnt),
      .mount_root = BPF_CORE_READ(mnt, mnt_root),
      .root = fs->root.dentry,
      .root_mount = mount_of(fs->root.mnt),
  };
  for (int i = 0; i < GW_PATH_DEPTH; ++i) {
    struct dentry* dentry = walk.dentry;
    const enum step step = step_up(&walk);
    if (step == STEP_ROOT) section->flags = GW_WHOLE;
    if (step == STEP_ROOT) break;
    if (step == STEP_MOUNT) continue;
    /* Read anew each time: the verifier then sees one state, not many. */
    const __u64 at = scratch->record.data_size;
    if (at > DATA_SIZE - GW_NAME_LIMIT - 8) break;
    const long length = bpf_probe_read_kernel_str(
        &scratch->data[at], GW_NAME_LIMIT, BPF_CORE_READ(dentry, d_name.name));
    if (length <= 0) break;
    scratch->record.data_size = at + length;
    if (step == STEP_DETACHED) break;
  }
  section->size = scratch->record.data_size - begin - sizeof(*section);
  scratch->record.data_size = (scratch->record.data_size + 7) & ~7u;
  return 0;
}

static __always_inline void tell_times(struct gw_file* told,
                                       struct inode* inode) {
  const __u64 second = 1000000000;
  if (bpf_core_field_exists(inode->i_mtime_sec)) {
    told->modify_time_ns = BPF_CORE_READ(inode, i_mtime_sec) * second +
                           BPF_CORE_READ(inode, i_mtime_nsec);
    told->change_time_ns = BPF_CORE_READ(inode, i_ctime_sec) * second +
                           BPF_CORE_READ(inode, i_ctime_nsec);
    return;
  }
  struct inode___before_6_11* newer = (void*)inode;
  struct inode___before_6_6* older = (void*)inode;
  if (!bpf_core_field_exists(older->i_mtime)) return;
  told->modify_time_ns = BPF_CORE_READ(older, i_mtime.tv_sec) * second +
                         BPF_CORE_READ(older, i_mtime.tv_nsec);
  told->change_time_ns = bpf_core_field_exists(newer->__i_ctime)
                             ? BPF_CORE_READ(newer, __i_ctime.tv_sec) * second +
                                   BPF_CORE_READ(newer, __i_ctime.tv_nsec)
                             : BPF_CORE_READ(older, i_ctime.tv_sec) * second +
                                   BPF_CORE_READ(older, i_ctime.tv_nsec);
}

static __always_inline void tell_inet(struct gw_socket* told,
                                      struct sock* sock) {
  told->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
  told->remote_port =
      __builtin_bswap16(BPF_CORE_READ(sock, __sk_common.skc_dport));
  if (told->family == FAMILY_INET) {
    bpf_core_read(told->local, sizeof(__be32),
                  &sock->__sk_common.skc_rcv_saddr);
    bpf_core_read(told->remote, sizeof(__be32), &sock->__sk_common.skc_daddr);
    return;
  }
  if (!bpf_core_field_exists(sock->__sk_common.skc_v6_daddr)) return;
  bpf_core_read(told->local, sizeof(told->local),
                &sock->__sk_common.skc_v6_rcv_saddr);
  bpf_core_read(told->remote, sizeof(told->remote),
                &sock->__sk_common.skc_v6_daddr);
}

static __always_inline void add_unix_name(struct scratch* scratch,
                                          struct unix_sock* sock, __u32 kind,
                                          __u32 subject) {
  struct unix_address* address = BPF_CORE_READ(sock, addr);
  if (!address) return;
  const struct sockaddr_un* name = &address->name[0];
  struct gw_section* section =
      open_section(scratch, kind, subject, sizeof(name->sun_path));
  if (!section) return;
  /* The length counts the family too. */
  __u32 length = BPF_CORE_READ(address, len) - sizeof(name->sun_family);
  if (length > sizeof(name->sun_path)) return;
  if (bpf_probe_read_kernel(section + 1, length, name->sun_path)) return;
  close_section(scratch, section, length);
}

VERIFIED_ONCE int add_socket(struct scratch* scratch, __u64 address,
                             __u32 subject) {
  if (!scratch) return 0;
  struct socket* socket = (struct socket*)address;
  struct gw_section* section =
      open_section(scratch, GW_SOCKET_INFO, subject, sizeof(struct gw_socket));
  struct sock* sock = BPF_CORE_READ(socket, sk);
  if (!section || !sock) return 0;
  struct gw_socket* told = (struct gw_socket*)(section + 1);
  __builtin_memset(told, 0, sizeof(*told));
  told->family = BPF_CORE_READ(sock, __sk_common.skc_family);
  told->type = BPF_CORE_READ(socket, type);
  told->protocol = BPF_CORE_READ(sock, sk_protocol);
  const __u32 family = told->family;
  if (family == FAMILY_INET || family == FAMILY_INET6) tell_inet(told, sock);
  close_section(scratch, section, sizeof(*told));
  if (family != FAMILY_UNIX) return 0;
  struct unix_sock* local = (struct unix_sock*)sock;
  add_unix_name(scratch, local, GW_LOCAL_NAME, subject);
  struct unix_sock* peer = (struct unix_sock*)BPF_CORE_READ(local, peer);
  if (peer) add_unix_name(scratch, peer, GW_REMOTE_NAME, subject);
  return 0;
}

/* The type of the namespace that a file stands for, as if it were its path. */
static __always_inline int add_namespace(struct scratch* scratch,
                                         struct inode* inode, __u32 subject) {
  struct gw_section* section =
      open_section(scratch, GW_DIRECTORY, subject, GW_NAME_LIMIT);
  if (!section) return 0;
  struct ns_common* space = BPF_CORE_READ(inode, i_private);
  const long size = bpf_probe_read_kernel_str(section + 1, GW_NAME_LIMIT,
                                              BPF_CORE_READ(space, ops, name));
  if (size > 0) close_section(scratch, section, size);
  return 0;
}

static __always_inline int add_process(struct scratch* scratch, struct pid* pid,
                                       __u32 subject) {
  struct gw_section* section = open_section(scratch, GW_PROCESS, subject, 0);
  if (!section) return 0;
  section->address = number_of(pid);
  close_section(scratch, section, 0);
  return 0;
}

VERIFIED_ONCE int add_file(struct scratch* scratch, __u64 address,
                           __u32 subject) {
  if (!scratch) return 0;
  struct file* file = (struct file*)address;
  struct gw_section* section =
      open_section(scratch, GW_FILE_INFO, subject, sizeof(struct gw_file));
  if (!section || !file) return 0;
  struct inode* inode = BPF_CORE_READ(file, f_inode);
  struct gw_file* told = (struct gw_file*)(section + 1);
  __builtin_memset(told, 0, sizeof(*told));
  const __u32 mode = BPF_CORE_READ(inode, i_mode);
  told->inode = BPF_CORE_READ(inode, i_ino);
  struct super_block* super = BPF_CORE_READ(inode, i_sb);
  told->magic = BPF_CORE_READ(super, s_magic);
  told->device = BPF_CORE_READ(super, s_dev);
  told->mode = mode;
  told->links = BPF_CORE_READ(inode, i_nlink);
  told->open_mode = BPF_CORE_READ(file, f_mode);
  if (subject == GW_EXECUTABLE) tell_times(told, inode);
  close_section(scratch, section, sizeof(*told));
  if ((mode & TYPE_BITS) == TYPE_SOCKET) {
    return add_socket(scratch, (__u64)BPF_CORE_READ(file, private_data),
                      subject);
  }
  if (told->magic == NAMESPACE_FILES) {
    return add_namespace(scratch, inode, subject);
  }
  if (told->magic == PID_FILES) {
    return add_process(scratch, BPF_CORE_READ(inode, i_private), subject);
  }
  return add_path(scratch, (__u64)&file->f_path, subject);
}

/* What a descriptor of the current process refers to. */
VERIFIED_ONCE int add_descriptor(struct scratch* scratch, __u32 fd,
                                 __u32 subject) {
  if (!scratch) return 0;
  struct task_struct* task = bpf_get_current_task_btf();
  struct fdtable* table = task->files->fdt;
  if (fd >= table->max_fds) return 0;
  struct file** files = table->fd;
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), files + fd);
  return file ? add_file(scratch, (__u64)file, subject) : 0;
}

#endif /* GATEWATCH_PROBES_BPF_FILE_BPF_H_ */
