#ifndef GATEWATCH_PROBES_PROCFS_PROCFS_POLLER_H_
#define GATEWATCH_PROBES_PROCFS_PROCFS_POLLER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "probes/emitter.h"
#include "probes/probe.h"
#include "probes/procfs/file_watcher.h"
#include "probes/procfs/process_poller.h"
#include "probes/procfs/socket_poller.h"

namespace gatewatch::probes {

// The rung that needs no privilege: observes by looking at /proc again and
// again which processes start, execute and end, which sockets listen and
// connect, and by inotify who wrote to sensitive files. What is missed between
// two looks is said at ProcessPoller, SocketPoller and FileWatcher.
//
// Threads:   one of its own looks; Tick(), Stop() and counters() from any.
//            `covered` is called on that thread.
// Ownership: the queue and the fallback must outlive it.
// Full:      see Probe.
class ProcfsPoller : public Probe {
 public:
  struct Options {
    std::string proc_root = "/proc";
    ProcFallback* fallback = nullptr;  // see ProcReader; null: none
    // The processes that others tell of, or that are of no interest, this one
    // itself perhaps. Cheap: asked for each process several times a second.
    std::function<bool(const ProcessId&)> covered;
    absl::Duration interval = absl::Milliseconds(20);
    bool sockets = true;
    bool files = true;
  };

  static absl::StatusOr<std::unique_ptr<ProcfsPoller>> Start(
      Options options, ObservationQueue& queue);
  ~ProcfsPoller() override;  // as Stop()

  void Tick() override { emitter_.ReportLost(); }
  // Looks a last time.
  void Stop() override ABSL_LOCKS_EXCLUDED(mutex_);
  ProbeCounters counters() const override { return emitter_.counters(); }

 private:
  ProcfsPoller(Options options, ObservationQueue& queue, UniqueFd wake);

  void Run();
  void Look();

  const Options options_;
  const UniqueFd wake_;  // an eventfd: becomes readable to end the thread
  Emitter emitter_;
  // The thread's alone.
  const ProcReader proc_;
  SocketLister sockets_;
  SocketOwners owners_;
  ProcessPoller process_poller_;
  SocketPoller socket_poller_;
  FileWatcher file_watcher_;
  uint64_t next_sockets_ns_ = 0;
  uint64_t next_files_ns_ = 0;

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_PROCFS_POLLER_H_
