#include "analyzer/report.h"

namespace gatewatch::analyzer {
namespace {

// Together with the event, its process and its workload, each of which
// CheckBatch() and CheckHello() bound, this stays below gRPC's 4 MiB.
constexpr size_t kMaxAncestorBytes = 1 << 20;

}  // namespace

ReportView::ReportView(const Report& report) : report_(report) {
  processes_.reserve(static_cast<size_t>(report.batch.processes_size()));
  for (const v1::Process& process : report.batch.processes()) {
    processes_.emplace(StateKey(process.key(), process.revision()), &process);
  }
  for (const v1::Container& container : report.batch.containers()) {
    containers_.emplace(container.id(), &container);
  }
}

const v1::Process* ReportView::Find(const v1::ProcessRef& ref) const {
  const auto found = processes_.find(StateKey(ref.key(), ref.revision()));
  return found == processes_.end() ? nullptr : found->second;
}

detection::EventView ReportView::Of(const v1::Event& event) {
  detection::EventView view;
  view.event = &event;
  view.workload = &report_.workload;
  if (event.has_process()) view.process = Find(event.process());
  const auto container = containers_.find(
      view.process ? view.process->container_id() : event.container_id());
  if (container != containers_.end()) view.container = container->second;
  if (view.process == nullptr) return view;
  // Events of one process tend to come together.
  if (view.process != descendant_) FindAncestors(*view.process);
  view.ancestors = ancestors_;
  return view;
}

void ReportView::FindAncestors(const v1::Process& process) {
  descendant_ = &process;
  ancestors_.clear();
  const v1::Process* child = &process;
  // A peer may send a chain that bites its tail: the limit ends that too.
  while (child->has_parent() && ancestors_.size() < kMaxAncestors) {
    const v1::Process* const parent = Find(child->parent());
    if (parent == nullptr) break;
    ancestors_.push_back(parent);
    // What the agent itself started is the workload; who started the agent (a
    // build, a shell) is none of its lineage.
    if (parent->of_agent()) break;
    child = parent;
  }
}

v1::EventRecord RecordOf(const std::string& agent_id, uint64_t epoch,
                         const detection::EventView& view) {
  v1::EventRecord record;
  record.set_agent_id(agent_id);
  record.set_epoch(epoch);
  *record.mutable_event() = *view.event;
  if (view.process != nullptr) *record.mutable_process() = *view.process;
  size_t bytes = 0;
  for (const v1::Process* ancestor : view.ancestors) {
    bytes += ancestor->ByteSizeLong();
    if (bytes > kMaxAncestorBytes) break;
    *record.add_ancestors() = *ancestor;
  }
  if (view.container != nullptr) *record.mutable_container() = *view.container;
  if (view.workload != nullptr) *record.mutable_workload() = *view.workload;
  return record;
}

}  // namespace gatewatch::analyzer
