#ifndef GATEWATCH_PROBES_BPF_PROGRAM_BPF_H_
#define GATEWATCH_PROBES_BPF_PROGRAM_BPF_H_

/* What the programs are told when they are loaded, and their maps. */

#include <linux/bpf.h>

#include "probes/bpf/abi.h"
#include "probes/bpf/kernel_types.h"
/* After the types that they use. */
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile struct gw_settings settings = {};
const volatile struct gw_call_spec calls[GW_CALLS] = {};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 << 20);
} records SEC(".maps");

/* How many records found no room, by call number and GW_LOST_*. The reader
 * has this memory mapped. */
__u64 lost[GW_LOST_SLOTS];

struct gw_control control;

/* How many calls were left out for their group, by call number. */
__u64 left_out[GW_CALLS];

/* The root process and its descendants, when these alone are observed. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);
  __type(value, __u8);
} descendants SEC(".maps");

/* The cgroup below which processes are observed. */
struct {
  __uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} cgroups SEC(".maps");

/* Processes that were told to have ended: two threads that end at once may
 * both find that they are the last. */
struct ended_key {
  __u64 start_ns;
  __u64 pid;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1024);
  __type(key, struct ended_key);
  __type(value, __u8);
} ended SEC(".maps");

#endif /* GATEWATCH_PROBES_BPF_PROGRAM_BPF_H_ */
