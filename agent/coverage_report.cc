#include "agent/coverage_report.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "agent/translate.h"
#include "base/log.h"

namespace gatewatch::agent {

v1::Coverage CoverageReport::Update(const Capture::Coverage& covered) {
  v1::Coverage coverage = ToProto(covered.kinds);
  for (const auto& [root, unseen_kinds] : covered.roots) {
    v1::Coverage::Root& entry = *coverage.add_roots();
    entry.set_pid(root.pid);
    entry.set_name(root.name);
    entry.set_container_id(identity_.ContainerOf(root.cgroup));
    if (root.attached) entry.set_method(covered.root_rung);
    entry.set_reason(root.reason);
    entry.mutable_unseen_kinds()->Assign(unseen_kinds.begin(),
                                         unseen_kinds.end());
  }
  LogUnseenKinds(coverage);
  absl::MutexLock lock(&mutex_);
  last_ = coverage;
  return coverage;
}

v1::Coverage CoverageReport::last() const {
  absl::MutexLock lock(&mutex_);
  return last_;
}

void CoverageReport::LogUnseenKinds(const v1::Coverage& coverage) {
  std::set<std::string> unseen;
  for (const v1::Coverage::Root& root : coverage.roots()) {
    unseen.insert(root.unseen_kinds().begin(), root.unseen_kinds().end());
  }
  if (!unseen.empty() && unseen != logged_) {
    LogWarning("the analyzer wants more by now (", absl::StrJoin(unseen, ", "),
               "): what is attached to already is observed for it when it "
               "starts anew");
  }
  logged_ = std::move(unseen);
}

}  // namespace gatewatch::agent
