#include "agent/batch.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace gatewatch::agent {
namespace {

using ProcessPtr = std::shared_ptr<const v1::Process>;

// The states that `event` refers to and that are not in `known`; those are
// added to it.
std::vector<ProcessPtr> NewStates(
    const EnrichedEvent& event,
    absl::flat_hash_set<const v1::Process*>& known) {
  std::vector<ProcessPtr> states;
  const auto add = [&](const ProcessPtr& state) {
    if (known.insert(state.get()).second) states.push_back(state);
  };
  for (const LineagePtr& lineage : event.processes) {
    add(lineage->process);
    for (const ProcessPtr& ancestor : lineage->ancestors) add(ancestor);
  }
  return states;
}

}  // namespace

v1::Batch MakeBatch(const EventBuffer::Slice& slice, size_t max_bytes,
                    const ContainerIdentity& identity) {
  v1::Batch batch;
  absl::flat_hash_set<const v1::Process*> known;
  absl::flat_hash_set<std::string> containers;
  const auto add_container = [&](const std::string& id) {
    if (!id.empty() && containers.insert(id).second) {
      *batch.add_containers() = identity.Find(id);
    }
  };
  uint64_t sequence = slice.first_sequence;
  size_t bytes = 0;
  for (const EventBuffer::EventPtr& event : slice.events) {
    const std::vector<ProcessPtr> states = NewStates(*event, known);
    bytes += event->event.ByteSizeLong();
    for (const ProcessPtr& state : states) bytes += state->ByteSizeLong();
    if (bytes > max_bytes && batch.events_size() > 0) break;
    for (const ProcessPtr& state : states) {
      *batch.add_processes() = *state;
      add_container(state->container_id());
    }
    add_container(event->event.container_id());
    *batch.add_events() = event->event;
    batch.mutable_events(batch.events_size() - 1)->set_sequence(sequence++);
  }
  return batch;
}

}  // namespace gatewatch::agent
