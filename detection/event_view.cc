#include "detection/event_view.h"

namespace gatewatch::detection {

EventView ViewOf(const v1::EventRecord& record) {
  EventView view;
  view.event = &record.event();
  if (record.has_process()) view.process = &record.process();
  view.ancestors = absl::MakeConstSpan(
      record.ancestors().data(), static_cast<size_t>(record.ancestors_size()));
  if (record.has_container()) view.container = &record.container();
  view.agent_id = record.agent_id();
  if (record.has_workload()) view.workload = &record.workload();
  return view;
}

EventView ViewOf(const JsonEvent& json) {
  static const auto* const event = [] {
    auto* made = new v1::Event();
    made->set_syscall("json");
    return made;
  }();
  EventView view;
  view.event = event;
  view.json = &json;
  return view;
}

}  // namespace gatewatch::detection
