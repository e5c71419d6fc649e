#ifndef GATEWATCH_PROBES_BPF_RECORDED_PROCESSES_H_
#define GATEWATCH_PROBES_BPF_RECORDED_PROCESSES_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "absl/container/flat_hash_map.h"
#include "probes/bpf/record.h"
#include "probes/observation.h"
#include "probes/procfs/proc_reader.h"

namespace gatewatch::probes {

// The processes that records tell of: emits the start, the change of
// credentials and the end of each, in this order, whatever got lost between.
// A process that ran before the probe came is read from /proc when it is first
// told of, and its ancestors with it.
//
// Threads: not safe.
// Limits:  65,536 processes; one beyond them is not known.
class RecordedProcesses {
 public:
  struct Process {
    ProcessSnapshot snapshot;
    // Counts its states: an exec or a change of credentials makes a new one.
    uint32_t state = 0;
  };

  // `began_ns`: since boot; what started before that ran already.
  RecordedProcesses(const ProcReader& proc, uint64_t began_ns,
                    std::function<void(Observation)> emit);

  // The process that made a record; null: there is no room for it. `time_ns`
  // is the record's, in Unix time. Valid until the next call.
  Process* Find(const gw_task& task, uint64_t time_ns);

  void OnFork(const Record& record, uint64_t time_ns);
  void OnExec(const Record& record, uint64_t time_ns);
  void OnExit(const Record& record, uint64_t time_ns);

  // Tells of a change when the record's credentials are not the ones known.
  void NoteCredentials(const gw_task& task, uint64_t time_ns);

  // Ends those that are gone, after records of ends were lost.
  void Sweep(uint64_t time_ns);

 private:
  Process* Adopt(ProcessSnapshot snapshot, bool inventory, uint64_t time_ns,
                 int depth);
  // Makes sure that the parent is known, as far as /proc tells.
  void AdoptParent(const ProcessId& parent, uint64_t time_ns, int depth);
  void End(pid_t pid, ProcessExited exited, uint64_t time_ns);
  void Emit(const ProcessId& process, pid_t tid, absl::string_view syscall,
            uint64_t time_ns, Detail detail);

  const ProcReader& proc_;
  const uint64_t began_ns_;
  const std::function<void(Observation)> emit_;
  absl::flat_hash_map<pid_t, Process> processes_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_BPF_RECORDED_PROCESSES_H_
