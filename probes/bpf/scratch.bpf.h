#ifndef GATEWATCH_PROBES_BPF_SCRATCH_BPF_H_
#define GATEWATCH_PROBES_BPF_SCRATCH_BPF_H_

/* Where a record is put together before it is submitted, section by section.
 * A program never runs twice at a time on one CPU, so each program has its
 * own room per CPU. What does not fit is left out and marks the record. */

#include "probes/bpf/program.bpf.h"

struct scratch {
  struct gw_record record;
  __u8 data[GW_RECORD_LIMIT - sizeof(struct gw_record)];
};

/* A function that the verifier looks at once, not again for each call of it.
 * Its arguments can be anything then: pointers into the kernel are passed as
 * numbers. */
#define VERIFIED_ONCE __attribute__((noinline))

#define DATA_SIZE sizeof(((struct scratch*)0)->data)

/* The next section, when `bytes` (a constant) fit into it; else null. */
static __always_inline struct gw_section* open_section(struct scratch* scratch,
                                                       __u32 kind,
                                                       __u32 subject,
                                                       __u32 bytes) {
  const __u64 at = scratch->record.data_size;
  if (at > DATA_SIZE - sizeof(struct gw_section) - bytes - 8) {
    scratch->record.truncated = 1;
    return 0;
  }
  struct gw_section* section = (struct gw_section*)&scratch->data[at];
  section->kind = kind;
  section->subject = subject;
  section->flags = 0;
  section->address = 0;
  return section;
}

/* Keeps the section that was opened last, with that many bytes in it. */
static __always_inline void close_section(struct scratch* scratch,
                                          struct gw_section* section,
                                          __u32 size) {
  section->size = size;
  scratch->record.data_size += sizeof(*section) + ((size + 7) & ~7u);
}

/* Counts a call of which no record could be made. */
static __always_inline void count_lost(__u32 slot) {
  if (slot < GW_LOST_SLOTS) __sync_fetch_and_add(&lost[slot], 1);
}

static __always_inline void submit(struct scratch* scratch, __u32 slot) {
  const __u64 size = sizeof(struct gw_record) + scratch->record.data_size;
  if (size > sizeof(*scratch)) return;
  /* Waking the reader costs more than the record: it looks by itself every
   * few milliseconds, and is woken only when much waits. */
  const __u64 waiting = bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA);
  const __u64 flags =
      waiting >= settings.wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
  if (bpf_ringbuf_output(&records, scratch, size, flags)) count_lost(slot);
}

#endif /* GATEWATCH_PROBES_BPF_SCRATCH_BPF_H_ */
