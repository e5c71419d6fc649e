#ifndef GATEWATCH_PROBES_PROCFS_PROCESS_POLLER_H_
#define GATEWATCH_PROBES_PROCFS_PROCESS_POLLER_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/unique_fd.h"
#include "probes/emitter.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// Tells from /proc alone which processes start, execute another program and
// end. What starts and ends between two rounds is not seen, nor is an exec that
// another follows at once; a process's exit status and who killed it are not
// known.
//
// A round costs two system calls while nothing happens: /proc/loadavg tells
// the last pid that was given out, and pidfds tell of ends. Young processes,
// which mostly execute another program at once, are looked at every round, the
// others twice a second.
//
// Threads: not safe. `proc` and the emitter must outlive it.
// Limits:  as many pidfds as a quarter of RLIMIT_NOFILE; the end of what has
//          none is noticed within half a second.
class ProcessPoller {
 public:
  using Covered = std::function<bool(const ProcessId&)>;

  // `proc_root` is where `proc` reads. `covered` says of which processes
  // others tell already, or nobody wants to know: nothing is told of them.
  ProcessPoller(const ProcReader& proc, const std::string& proc_root,
                Covered covered, Emitter& emitter);

  // One round. Of the processes of the first it tells as inventory.
  // `now_ns` is monotonic.
  void Poll(uint64_t now_ns);

  // The mount namespaces of these processes, each with one of them.
  absl::flat_hash_map<uint64_t, ProcessId> MountNamespaces() const;

 private:
  // What tells an image from the one before it and from the parent's.
  struct Image {
    uint64_t marker = 0;
    // The marker is of what the process cannot change (its stack); else of
    // what others may read of it, which a program may write to.
    bool reliable = false;
    friend bool operator==(const Image&, const Image&) = default;
  };
  struct Known {
    ProcessId id;
    UniqueFd pidfd;  // not valid when descriptors ran short
    Image image;
    std::string name;
    Executable executable;
    uint64_t mount_namespace = 0;
    uint64_t looked_from_ns = 0;  // young since then
  };

  bool PidsWereGivenOut();
  void TakeExits();
  void FindNew(uint64_t now_ns);
  void CheckAll(uint64_t now_ns);
  Image ImageOf(pid_t pid) const;
  void Adopt(ProcessSnapshot snapshot, uint64_t now_ns);
  void CheckImage(Known& known, uint64_t now_ns);
  void EmitExec(Known& known, ProcessSnapshot after);
  void End(pid_t pid);
  UniqueFd Register(pid_t pid) const;

  const ProcReader& proc_;
  const Covered covered_;
  Emitter& emitter_;
  const UniqueFd load_average_;
  const UniqueFd exits_;  // epoll, of pidfds
  const size_t pidfd_limit_;
  absl::flat_hash_map<pid_t, Known> known_;
  absl::flat_hash_set<pid_t> passed_over_;  // covered, as of the last check
  absl::flat_hash_set<pid_t> unready_;      // seen in the middle of an exec
  int64_t last_pid_ = -1;
  bool look_again_ = true;
  bool first_round_ = true;
  uint64_t next_check_ns_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_PROCESS_POLLER_H_
