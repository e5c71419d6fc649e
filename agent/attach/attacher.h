#ifndef GATEWATCH_AGENT_ATTACH_ATTACHER_H_
#define GATEWATCH_AGENT_ATTACH_ATTACHER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/attach/attempt.h"
#include "agent/attach/root_finder.h"

namespace gatewatch::agent {

// Attaches to the processes that a RootFinder finds, all the time. Each
// attempt is a process of its own (gatewatch-launch --attach), so that neither
// the end of this one nor a process that does not stop holds anything up.
// Attached workloads come to the launch server by themselves. Where they are
// observed in another way, that is asked to instead.
//
// Threads: its own; the public methods from any.
class Attacher {
 public:
  struct Options {
    RootFinder::Options roots;
    std::string launcher;       // path of gatewatch-launch
    std::string launch_socket;  // abstract name; see launch/handover.h
    // How long to wait for UseKinds() before the first attempt.
    absl::Duration kinds_patience = absl::ZeroDuration();
    // Another way; called on the attacher's thread. Null: the launcher's.
    std::function<absl::Status(pid_t)> attach;
  };

  explicit Attacher(Options options);
  ~Attacher();

  // Attaches from now on to observe these kinds of events alone; none: all.
  // A process that is attached to stays as it is: a filter cannot be changed.
  void UseKinds(const std::vector<std::string>& kinds)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether attaching to the process was tried and refused: somebody else may
  // look after it.
  bool Refused(const probes::ProcessId& process) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<RootFinder::Root> roots() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Changes when roots() does.
  uint64_t version() const { return version_; }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void AwaitKinds() ABSL_LOCKS_EXCLUDED(mutex_);
  void StartAttempts(const std::vector<pid_t>& found)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SettleAttempts() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  mutable absl::Mutex mutex_;
  RootFinder finder_ ABSL_GUARDED_BY(mutex_);
  std::vector<Attempt> attempts_ ABSL_GUARDED_BY(mutex_);
  // Settled ones that keep a listener.
  std::vector<Attempt> held_ ABSL_GUARDED_BY(mutex_);
  std::vector<pid_t> waiting_ ABSL_GUARDED_BY(mutex_);
  bool kinds_known_ ABSL_GUARDED_BY(mutex_) = false;
  std::string kinds_ ABSL_GUARDED_BY(mutex_);  // with commas; empty: all
  std::atomic<uint64_t> version_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_ATTACH_ATTACHER_H_
