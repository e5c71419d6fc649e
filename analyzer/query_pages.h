#ifndef GATEWATCH_ANALYZER_QUERY_PAGES_H_
#define GATEWATCH_ANALYZER_QUERY_PAGES_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analyzer/alert_store.h"
#include "analyzer/event_store.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::analyzer {

// The lists of query.proto, a page at a time.
//
// A page ends at its size, at what fits gRPC's default message, or after so
// many looked at that a caller might give up; it has then a token to go on
// with. `cancelled` is asked now and then, and ends it with CANCELLED.
// Threads: any.
using Cancelled = absl::FunctionRef<bool()>;

absl::StatusOr<v1::ListEventsResponse> EventPage(
    EventStore& events, const v1::ListEventsRequest& request,
    Cancelled cancelled);

absl::StatusOr<v1::ListAlertsResponse> AlertPage(
    const AlertStore& alerts, const v1::ListAlertsRequest& request,
    Cancelled cancelled);

// What the process of an alert's event did around it, oldest first.
absl::StatusOr<std::vector<v1::EventRecord>> EventsAround(
    EventStore& events, const v1::Alert& alert);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_QUERY_PAGES_H_
