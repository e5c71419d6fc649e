#ifndef GATEWATCH_DETECTION_EVENT_VIEW_H_
#define GATEWATCH_DETECTION_EVENT_VIEW_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

class JsonEvent;

// An event with its surroundings, borrowed. Null for what is absent.
struct EventView {
  const v1::Event* event = nullptr;
  const v1::Process* process = nullptr;
  absl::Span<const v1::Process* const> ancestors;  // parent first
  const v1::Container* container = nullptr;
  const v1::Workload* workload = nullptr;
  absl::string_view agent_id;
  // An event that somebody else recorded; `event` then says no more than that.
  const JsonEvent* json = nullptr;
};

// Borrows from `record`, which must outlive the view unchanged.
EventView ViewOf(const v1::EventRecord& record);

// The same for an event of type "json".
EventView ViewOf(const JsonEvent& json);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_EVENT_VIEW_H_
