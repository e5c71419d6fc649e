#ifndef GATEWATCH_AGENT_COVERAGE_REPORT_H_
#define GATEWATCH_AGENT_COVERAGE_REPORT_H_

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "agent/capture.h"
#include "agent/container_identity.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::agent {

// What is covered, as the analyzer is told it.
//
// Threads:  Update() from one, last() from any.
// Lifetime: `identity` must outlive it.
class CoverageReport {
 public:
  explicit CoverageReport(ContainerIdentity& identity) : identity_(identity) {}

  // The message for `covered`. Logs which kinds of events are wanted by now
  // that attached processes are not observed for, once for each change.
  v1::Coverage Update(const Capture::Coverage& covered)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // What Update() returned last.
  v1::Coverage last() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void LogUnseenKinds(const v1::Coverage& coverage);

  ContainerIdentity& identity_;
  std::set<std::string> logged_;
  mutable absl::Mutex mutex_;
  v1::Coverage last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_COVERAGE_REPORT_H_
