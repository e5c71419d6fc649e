#ifndef GATEWATCH_ANALYZER_PIPELINE_H_
#define GATEWATCH_ANALYZER_PIPELINE_H_

#include "absl/status/status.h"
#include "analyzer/agent_registry.h"
#include "analyzer/detector.h"
#include "analyzer/event_store.h"
#include "analyzer/feed.h"
#include "analyzer/report.h"

namespace gatewatch::analyzer {

// The way of a report through the analyzer: rules, alerts, events, watchers.
//
// Alerts are stored before the events that raised them, and events before
// they are acknowledged. Whatever a crash cuts off is sent again, and each
// store knows what it has: so nothing is missed and nothing counted twice.
//
// Threads:  any, but one at a time for each agent.
// Lifetime: what it is given must outlive it.
class Pipeline {
 public:
  Pipeline(Detector& detector, EventStore& events, AgentRegistry& agents,
           Feed<v1::EventRecord>& feed)
      : detector_(detector), events_(events), agents_(agents), feed_(feed) {}

  // OK: the report may be acknowledged. Else it must be sent again. `report`
  // has at least one new event.
  absl::Status Accept(const Report& report);

  // The same for an event of the analyzer's own about an agent, which tells
  // nothing of how far that got.
  absl::Status AcceptOwn(const Report& report);

 private:
  absl::Status Store(const Report& report);
  void Publish(const Report& report);

  Detector& detector_;
  EventStore& events_;
  AgentRegistry& agents_;
  Feed<v1::EventRecord>& feed_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PIPELINE_H_
