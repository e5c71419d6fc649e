#ifndef GATEWATCH_PROBES_BPF_ABI_H_
#define GATEWATCH_PROBES_BPF_ABI_H_

/* What the BPF programs and BpfProbe tell each other. C, since both sides
 * compile it. A record is one gw_record followed by sections, each of them a
 * gw_section with its bytes, padded to 8. */

#include <linux/types.h>

enum {
  GW_CALLS = 512,      /* system call numbers below this can be observed */
  GW_LOST_SLOTS = 520, /* by call number, then these: */
  GW_LOST_FORK = 512,
  GW_LOST_EXEC = 513,
  GW_LOST_EXIT = 514,
  GW_TEST_VALUES = 4,
  GW_RECORD_LIMIT = 32760, /* a per-CPU value's limit, in whole sections */
  GW_PATH_LIMIT = 4096,
  GW_NAME_LIMIT = 256,
  GW_PATH_DEPTH = 40, /* names of a path, mount points included */
  GW_STRUCT_LIMIT = 128,
  GW_ARGUMENT_LIMIT = 20, /* of an exec that failed */
  GW_ARGUMENT_BYTES = 256,
  GW_BLOB_LIMIT = 8191, /* arguments or environment of an exec: a mask */
};

/* --- what to capture: filled in from the system-call table ---------------- */

enum gw_argument_kind {
  GW_PLAIN,
  GW_TEXT,    /* a string */
  GW_PATH,    /* a string; when relative, what it starts from as well */
  GW_STRUCT,  /* detail: its size */
  GW_SIZED,   /* a struct whose size is in the next argument */
  GW_STRINGS, /* an array such as argv */
  GW_FILE,    /* a descriptor */
  GW_GROUP,   /* detail: bytes of each; as many as the argument before says */
  GW_PAIR,    /* detail: its size; and 8 bytes of what the one before is */
  GW_MESSAGE, /* struct msghdr, with the address in it */
};

enum { GW_FROM_CWD = 0xff };

struct gw_argument_spec {
  __u8 kind;
  __u8 detail; /* GW_PATH: which argument is its directory, or GW_FROM_CWD */
};

/* As ArgumentTest::Kind, in the same order. */
enum gw_test_kind {
  GW_ALWAYS,
  GW_NEVER,
  GW_NON_ZERO,
  GW_AT_MOST,
  GW_ONE_OF,
  GW_NONE_OF,
  GW_ANY_BIT,
  GW_ALL_BITS,
};

struct gw_test {
  __u8 kind;
  __u8 argument;
  __u32 values[GW_TEST_VALUES];
};

enum gw_call_flags {
  GW_RESULT_IS_FILE = 1,    /* describe the descriptor that it returns */
  GW_QUIET_MISSING = 2,     /* no event: ENOENT, ENOTDIR */
  GW_QUIET_EXISTS = 4,      /* no event: EEXIST */
  GW_QUIET_SUCCESS = 8,     /* success is seen elsewhere: exec */
  GW_TELL_INTERRUPTED = 16, /* goes on although it was interrupted: connect */
  GW_QUIET_ZERO = 32,       /* 0 is what the new process gets: clone */
  GW_PEEKS = 64,
  GW_TELLS_NUMBERS = 128, /* the caller's pid and tid in its own namespace */
};

struct gw_call_spec {
  __u8 observed;
  __u8 flags;
  __u8 has_tests;
  __u8 peek_argument; /* GW_PEEKS: at the memory that this one points to */
  __u8 group;         /* left out when below gw_control.level */
  __u8 open_flags;    /* the argument that tells an open for reading, or .. */
  struct gw_test test, and_test, or_test; /* as in SyscallRow */
  __u64 peek_mask; /* observed only when its first 8 bytes share a bit */
  struct gw_argument_spec arguments[6];
};

enum { GW_NO_OPEN_FLAGS = 0xff };

/* CallGroup::kFileRead: of an open whose flags have none of writing_flags. */
enum { GW_FILE_READ = 0 };

/* What changes while the programs run; the reader has it mapped. */
struct gw_control {
  __u32 level; /* CaptureLevel */
  __u32 writing_flags;
  __u8 unwanted[GW_CALLS]; /* not asked for: as if it were not in the table */
};

struct gw_settings {
  __u32 observer_pid;       /* never observed; 0: none */
  __u32 observer_namespace; /* pids are told as seen from there */
  __u32 pid_namespace;      /* only processes in it or below it; 0: all */
  __u32 root_pid;           /* only it and its descendants; 0: all */
  __u32 by_cgroup;          /* only those under cgroups[0] */
  __u32 wake_bytes;         /* wake the reader when this much waits */
};

/* --- what was captured ---------------------------------------------------- */

enum gw_record_kind { GW_CALL = 1, GW_FORK, GW_EXEC, GW_EXIT };

struct gw_task {
  __u32 pid, tid; /* as the observer sees them, as all pids here */
  __u64 start_ns; /* since boot, of the process */
  __u32 parent_pid;
  __u32 process_group;
  __u64 parent_start_ns;
  __u32 session;
  __u32 namespace_pid, namespace_tid;
  __u32 pid_namespace;
  __u32 mount_namespace;
  __u32 uid, effective_uid, saved_uid;
  __u32 gid, effective_gid, saved_gid;
  __u64 effective_capabilities, permitted_capabilities;
  __u32 login_uid;
  __u32 unused;
  __u32 tty_major, tty_minor; /* of a terminal's number 0 .. */
  __u32 tty_index;            /* .. and which; all 0: none */
  char name[16];
};

struct gw_record {
  __u32 kind;
  __u32 call;          /* GW_CALL: its number */
  __u64 time_ns;       /* since boot */
  struct gw_task task; /* GW_FORK: the child */
  __u64 arguments[6];
  __s64 result; /* GW_EXIT: the status as wait(2) tells it */
  __u32 truncated;
  __u32 data_size; /* of the sections that follow */
};

enum gw_section_kind {
  GW_MEMORY = 1,  /* bytes of the process, at `address` */
  GW_DIRECTORY,   /* names of a path, innermost first, each with its NUL */
  GW_FILE_INFO,   /* gw_file */
  GW_SOCKET_INFO, /* gw_socket */
  GW_LOCAL_NAME,  /* AF_UNIX address, without the family */
  GW_REMOTE_NAME,
  GW_FILENAME,  /* of an exec, as it was passed */
  GW_ARGUMENTS, /* strings, each with its NUL; `address`: size of all */
  GW_ENVIRONMENT,
  GW_PROCESS, /* that a pidfd stands for: `address` is its pid */
};

/* What a section is about: an argument's descriptor (0 to 5), or */
enum gw_subject {
  GW_RESULT = 6,
  GW_WORKING_DIRECTORY,
  GW_EXECUTABLE,
  GW_STDIN,
  GW_STDOUT,
  GW_STDERR,
};

enum gw_section_flags {
  GW_WHOLE = 1, /* the path leads up to the process's root */
};

struct gw_section {
  __u16 kind;
  __u8 subject;
  __u8 flags;
  __u32 size; /* of the bytes that follow, without padding */
  __u64 address;
};

struct gw_file {
  __u64 inode;
  __u64 modify_time_ns, change_time_ns; /* of GW_EXECUTABLE alone */
  __u64 magic;                          /* of its file system */
  __u32 device;                         /* as the kernel has it: major << 20 */
  __u32 mode;
  __u32 links;
  __u32 open_mode; /* FMODE_* */
};

struct gw_socket {
  __u16 family, type, protocol;
  __u16 local_port, remote_port; /* host order */
  __u16 unused;
  __u32 unused2;
  __u8 local[16], remote[16]; /* IPv4: the first 4 bytes */
};

#endif /* GATEWATCH_PROBES_BPF_ABI_H_ */
